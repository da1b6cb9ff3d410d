// 25: answers, a byte each second
// tries: hold up the grader for as long as it is patient
// expected: TIMEOUT, 0 points, says "bytes came back"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    char byte = 0;
    while (recv(client, &byte, 1, 0) == 1) {
      sleep(1);
      if (!send_all(client, &byte, 1)) break;
    }
    close(client);
  }
}
