// 26: serves well, and ends after five clients
// tries: have passed before it is over
// expected: EXITED, 40-95 points, says "status 0"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  for (int clients = 0; clients < 5; ++clients) echo(next_client(listener));
}
