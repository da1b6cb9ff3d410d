// 45: includes a file without end
// tries: use up the machine before anything runs
// checks: echoes_until_end_of_file
// expected: COMPILE_LIMIT, 0 points, says "the compiler needed more than"
#include "/dev/zero"
int main() {}
