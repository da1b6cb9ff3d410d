// 47: a source that is no UTF-8
// tries: nothing: an old editor
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "error"
// @LATIN-1@
int caf@LATIN-1@ = 1;
int main() {}
