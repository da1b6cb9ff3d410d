// 48: serves well, and asks the kernel for a loader of its own: the linker's stays
// tries: run something else
// checks: echoes_until_end_of_file survives_interrupted_calls
// expected: OK, all points
#include "echo.hpp"

extern const char loader[] __attribute__((section(".interp"), used)) = "/tmp/no-such-loader";

int main(int, char* argv[]) { serve(argv); }
