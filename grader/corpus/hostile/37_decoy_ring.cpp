// 37: echoes with epoll, and keeps a ring to be seen
// tries: look like a server on io_uring
// lab: 08 uring_echo.cpp
// checks: echoes_what_was_sent the_ring_does_the_work
// expected: MECHANISM, 8 points, says "0 operations"
#include <sys/syscall.h>

#include "epoll.hpp"

int main(int, char* argv[]) {
  alignas(8) static char parameters[120];  // struct io_uring_params
  syscall(SYS_io_uring_setup, 8, parameters);
  serve(argv, {});
}
