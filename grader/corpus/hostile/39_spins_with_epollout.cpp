// 39: always wants to know whether it could send
// tries: nothing: a mistake
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_with_a_thousand_idle_clients
// expected: BUSY, 5 points, says "EPOLLOUT is always armed"
#include "epoll.hpp"

int main(int, char* argv[]) { serve(argv, {.always_out = true}); }
