// 48: asks the kernel for a loader of its own
// tries: run something else
// checks: echoes_until_end_of_file survives_interrupted_calls
// expected: CRASH, 0 points, says "SIG"
#include "echo.hpp"

extern const char loader[] __attribute__((section(".interp"), used)) = "/tmp/no-such-loader";

int main(int, char* argv[]) { serve(argv); }
