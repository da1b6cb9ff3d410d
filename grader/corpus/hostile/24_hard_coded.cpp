// 24: answers what a client in the course's texts might send, whatever comes
// tries: pass without echoing
// expected: WRONG, 0 points, says "byte"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    char bytes[4096];
    for (ssize_t got = 0; (got = recv(client, bytes, sizeof bytes, 0)) > 0;) {
      for (ssize_t at = 0; at < got; ++at) bytes[at] = "hello world\n"[at % 12];
      if (!send_all(client, bytes, static_cast<size_t>(got))) break;
    }
    close(client);
  }
}
