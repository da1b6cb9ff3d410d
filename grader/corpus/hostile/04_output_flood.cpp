// 04: prints for ever
// tries: fill the grader's memory and its reports
// expected: OUTPUT_LIMIT, 0 points, says "output"
#include "echo.hpp"

int main(int, char*[]) {
  while (true) std::puts("still here, still here, still here, still here, still here");
}
