// 44: one answer of ten is wrong, by chance
// tries: nothing: a race; graded again and again it would pass one day
// expected: WRONG, 0-90 points, says "--seed 4711"
#include <chrono>

#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    static char bytes[65536];
    for (ssize_t got = 0; (got = recv(client, bytes, sizeof bytes, 0)) > 0;) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
      if (now / 64 % 10 == 0) bytes[0] = static_cast<char>(bytes[0] ^ 1);
      if (!send_all(client, bytes, static_cast<size_t>(got))) break;
    }
    close(client);
  }
}
