// 45: includes itself
// tries: use up the machine before anything runs
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "nested"
#include __FILE__
#include __FILE__
int main() {}
