// 35: serves well, while a second thread keeps a CPU busy
// tries: look idle, since its first thread is
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_with_a_thousand_idle_clients
// expected: BUSY, 5 points, says "1.0"
#include <thread>

#include "epoll.hpp"

int main(int, char* argv[]) {
  std::thread([] {
    static volatile unsigned long turns = 0;
    while (true) turns = turns + 1;
  }).detach();
  serve(argv, {});
}
