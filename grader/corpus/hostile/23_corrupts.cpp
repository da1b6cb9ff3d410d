// 23: answers with a changed byte
// tries: nothing: a mistake
// expected: WRONG, 0 points, says "byte 0"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    char byte = 0;
    while (recv(client, &byte, 1, 0) == 1) {
      byte = static_cast<char>(byte ^ 1);
      if (!send_all(client, &byte, 1)) break;
    }
    close(client);
  }
}
