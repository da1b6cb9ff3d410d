// 28: aborts before it listens
// tries: nothing: a mistake
// expected: CRASH, 0 points, says "SIGABRT"
#include <cstdlib>

int main() { std::abort(); }
