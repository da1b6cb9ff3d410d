// 36: never waits for events, and sleeps a little in between
// tries: look idle, since it uses little CPU
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_with_a_thousand_idle_clients
// expected: POLLING, 5 points, says "a second"
#include "epoll.hpp"

int main(int, char* argv[]) {
  serve(argv, {.time_out = 0, .beside = [] { usleep(900); }});
}
