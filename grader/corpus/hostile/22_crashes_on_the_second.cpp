// 22: serves the first client well and crashes with the second
// tries: nothing: a mistake
// expected: CRASH, 30-60 points, says "client 2"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  echo(next_client(listener));
  volatile int* nowhere = nullptr;
  const int second = next_client(listener);
  *nowhere = second;
}
