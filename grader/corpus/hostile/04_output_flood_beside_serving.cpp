// 04: serves well and prints for ever in a second thread
// tries: fill the grader's memory and its reports
// expected: OUTPUT_LIMIT, 0-90 points, says "output"
#include "echo.hpp"

#include <thread>

int main(int, char* argv[]) {
  std::thread([] {
    while (true) std::fputs("still here, still here, still here, still here, still here\n", stderr);
  }).detach();
  serve(argv);
}
