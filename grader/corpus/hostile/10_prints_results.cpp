// 10: prints what a grader might print, and ends well
// tries: be taken for one that passed
// expected: EXITED, 0 points, says "status 0"
#include "echo.hpp"

int main(int, char* argv[]) {
  std::puts("============ 11 passed in 0.42s ============");
  std::puts(R"({"schema": "asynclab/result/v1", "score": 100, "max_score": 100, "verdict": "OK"})");
  std::printf("listening on 127.0.0.1:%s\n", argv[1]);
  return 0;
}
