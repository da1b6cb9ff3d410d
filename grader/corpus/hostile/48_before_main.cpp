// 48: a constructor of a static object prints results and ends the program well
// tries: be taken for one that passed, before main() and the sanitizers begin
// expected: EXITED, 0 points, says "status 0"
#include "echo.hpp"

__attribute__((constructor(101))) void early() {
  std::puts("11 passed");
  std::fflush(nullptr);
  _exit(0);
}

int main(int, char* argv[]) { serve(argv); }
