// 01: each child forks on, for ever, and nobody serves
// tries: use up all processes of the machine and its CPU time
// expected: EXTRA_PROCESSES, 0 points, says "processes"
#include "echo.hpp"

int main(int, char*[]) {
  while (true) fork();
}
