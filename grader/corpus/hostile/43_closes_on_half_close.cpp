// 43: looks first whether the client has finished, and if so closes before it has answered
// tries: nothing: a mistake
// checks: echoes_until_end_of_file
// expected: WRONG, 0 points, says "bytes"
#include <poll.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    static char bytes[65536];
    while (true) {
      pollfd event{client, POLLIN | POLLRDHUP, 0};
      poll(&event, 1, -1);
      if (event.revents & POLLRDHUP) break;
      const ssize_t got = recv(client, bytes, sizeof bytes, 0);
      if (got <= 0 || !send_all(client, bytes, static_cast<size_t>(got))) break;
    }
    close(client);
  }
}
