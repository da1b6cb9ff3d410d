// 48: has a beginning of its own
// tries: run before everything else
// checks: echoes_until_end_of_file
// expected: COMPILE_ERROR, 0 points, says "_start"
extern "C" void _start() {}

int main() {}
