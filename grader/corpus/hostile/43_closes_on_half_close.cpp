// 43: reads all until the client has finished, and closes before it has answered
// tries: nothing: a mistake
// expected: WRONG, 0 points, says "0 of 24 bytes"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    char bytes[4096];
    ssize_t got = 0;
    size_t total = 0;
    while ((got = recv(client, bytes, sizeof bytes, 0)) > 0) total += static_cast<size_t>(got);
    close(client);
  }
}
