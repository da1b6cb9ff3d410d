// 40: keeps what a client does not read, however much it is
// tries: use all memory by way of a client
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent a_client_that_never_reads_costs_bounded_memory
// expected: BACKPRESSURE, 5 points, says "memory"
#include "epoll.hpp"

int main(int, char* argv[]) { serve(argv, {.hoards = true}); }
