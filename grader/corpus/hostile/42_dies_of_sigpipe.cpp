// 42: sends without MSG_NOSIGNAL
// tries: nothing: a mistake
// checks: echoes_until_end_of_file serves_one_after_the_other survives_a_reset
// expected: CRASH, 20 points, says "SIGPIPE"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    static char bytes[65536];
    for (ssize_t got = 0; (got = recv(client, bytes, sizeof bytes, 0)) > 0;)
      for (ssize_t sent = 0, n = 0; sent < got && n >= 0; sent += n > 0 ? n : 0)
        n = send(client, bytes + sent, static_cast<size_t>(got - sent), 0);
    close(client);
  }
}
