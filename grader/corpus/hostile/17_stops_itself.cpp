// 17: serves one client and stops itself
// tries: hold up the grader
// checks: echoes_until_end_of_file serves_one_after_the_other survives_a_reset
// expected: STOPPED, 10 points, says "stopped itself"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  echo(next_client(listener));
  raise(SIGSTOP);
  serve(listener);
}
