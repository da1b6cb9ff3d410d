// 02: eight processes fill sockets and close the end that is charged
// tries: take memory that is in nobody's resident set, and that no open socket owns
// checks: echoes_until_end_of_file survives_interrupted_calls
// expected: MEMORY_LIMIT, 0 points, says "memory"
#include <vector>

#include "echo.hpp"

void hoard() {
  const std::vector<char> piece(50'000);
  for (int n = 0; n < 3000; ++n) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) break;
    while (send(pair[0], piece.data(), piece.size(), 0) > 0) {
    }
    close(pair[0]);
  }
  while (true) pause();
}

int main() {
  for (int n = 0; n < 8; ++n)
    if (fork() == 0) hoard();
  while (true) pause();
}
