// 45: an array of 16 GiB that is not zero
// tries: use up the machine before anything runs
// checks: echoes_until_end_of_file
// expected: COMPILE_LIMIT, 0 points, says "the compiler wrote a file of more than"
char large[1ULL << 34] = {1};
int main() { return large[0]; }
