// 47: a source that is no UTF-8
// tries: nothing: an old editor
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "error"
// LATIN_1_HERE
int cafLATIN_1_HERE = 1;
int main() {}
