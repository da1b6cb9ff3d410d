// 36: asks for events again and again, and lets others run in between
// tries: nothing: a mistake
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_with_a_thousand_idle_clients
// expected: BUSY, 5 points, says "CPU"
#include <sched.h>

#include "epoll.hpp"

int main(int, char* argv[]) {
  serve(argv, {.time_out = 0, .beside = [] { sched_yield(); }});
}
