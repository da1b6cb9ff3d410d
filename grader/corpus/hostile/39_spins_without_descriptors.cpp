// 39: accepts again and again when it is out of descriptors
// tries: nothing: a mistake
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent asleep_when_out_of_descriptors
// expected: BUSY, 5 points, says "EMFILE"
#include "epoll.hpp"

int main(int, char* argv[]) { serve(argv, {.insists = true}); }
