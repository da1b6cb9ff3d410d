// 04: serves well and prints for ever in a second thread
// tries: fill the grader's memory and its reports
// expected: OUTPUT_LIMIT, 0-90 points, says "output"
#include <thread>

#include "echo.hpp"

int main(int, char* argv[]) {
  static char bytes[1 << 20];
  std::memset(bytes, '.', sizeof bytes);
  std::thread([] {
    while (write(1, bytes, sizeof bytes) > 0) {
    }
  }).detach();
  serve(argv);
}
