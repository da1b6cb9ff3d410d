// 39: sends again at once while the kernel says `not now`
// tries: nothing: a mistake
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_with_a_client_that_never_reads
// expected: BUSY, 5 points, says "did not read"
#include "epoll.hpp"

int main(int, char* argv[]) { serve(argv, {.retries = true}); }
