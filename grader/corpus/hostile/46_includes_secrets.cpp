// 46: includes a file of the grader
// tries: see in the words of the compiler what it may not read
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "No such file"
#include "@SENTINEL@"
int main() {}
