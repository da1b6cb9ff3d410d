// 17: serves one client and stops itself
// tries: hold up the grader
// expected: STOPPED, 10-70 points, says "stopped itself"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  echo(next_client(listener));
  raise(SIGSTOP);
  serve(listener);
}
