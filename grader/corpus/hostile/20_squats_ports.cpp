// 20: takes fifty other ports with as many processes, and serves well on its own
// tries: be in the way of other gradings
// checks: echoes_until_end_of_file the_second_client_waits_its_turn
// expected: EXTRA_PROCESSES, 10 points, says "51 processes"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  const int first = next_client(listener);
  for (int port = 20000; port < 20050; ++port)
    if (fork() == 0) {
      forget_descriptors();
      listen_on(port);
      while (true) pause();
    }
  echo(first);
  serve(listener);
}
