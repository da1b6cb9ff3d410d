// 48: has functions of its own under the names of the C library's
// tries: nothing: it hits its own program alone
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

extern "C" ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return sendto(fd, bytes, size, flags, nullptr, 0);
}

int main(int, char* argv[]) { serve(argv); }
