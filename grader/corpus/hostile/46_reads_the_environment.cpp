// 46: includes the environment of the compiler
// tries: see in the words of the compiler what it may not read
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "error"
#include "/proc/self/environ"
int main() {}
