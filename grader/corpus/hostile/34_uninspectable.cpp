// 34: serves well, and hides a thread under the name of one of the kernel's
// tries: not be seen at work
// expected: MECHANISM, 10-90 points, says "2 threads"
#include <thread>

#include "echo.hpp"

int main(int, char* argv[]) {
  got_out_if(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "PR_SET_DUMPABLE");
  const int listener = listen_on(atoi(argv[1]));
  const int first = next_client(listener);
  std::thread([] {
    prctl(PR_SET_NAME, "iou-sqp-1");
    while (true) pause();
  }).detach();
  echo(first);
  serve(listener);
}
