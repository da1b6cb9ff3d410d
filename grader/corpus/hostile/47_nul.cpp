// 47: a source with NUL in it
// tries: nothing: a broken file
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "null"
int main() { return NUL_HERE 0; }
