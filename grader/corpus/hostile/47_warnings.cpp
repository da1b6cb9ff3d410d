// 47: twenty thousand warnings, each with its line of a megabyte
// tries: fill the report
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "comparison"
WARNINGS_HERE
int main() {}
