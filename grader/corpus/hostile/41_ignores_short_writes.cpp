// 41: believes that send() takes all
// tries: nothing: a mistake
// checks: echoes_until_end_of_file sends_all_of_it
// expected: TIMEOUT, 10 points, says "send() took part"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    static char bytes[65536];
    for (ssize_t got = 0; (got = recv(client, bytes, sizeof bytes, 0)) > 0;)
      if (send(client, bytes, static_cast<size_t>(got), MSG_NOSIGNAL) < 0) break;
    close(client);
  }
}
