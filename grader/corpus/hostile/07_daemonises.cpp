// 07: serves well, in the background
// tries: outlive its grading
// expected: EXITED, 0-90 points, says "status 0"
#include "echo.hpp"

int main(int, char* argv[]) {
  if (fork() > 0) _exit(0);
  setsid();
  if (fork() > 0) _exit(0);
  serve(argv);
}
