// 54: two main()
// tries: nothing: two files put into one
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "redefinition of"
int main() { return 0; }
int main() { return 1; }
