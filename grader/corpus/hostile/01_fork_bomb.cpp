// 01: forks until it may not any more, then serves its clients well
// tries: use up all processes of the machine
// checks: echoes_until_end_of_file answers_every_fragment the_second_client_waits_its_turn
// expected: EXTRA_PROCESSES, 10-20 points, says "processes"
#include "echo.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  const int first = next_client(listener);
  while (true) {
    const pid_t child = fork();
    if (child == 0) {
      forget_descriptors();
      while (true) pause();
    }
    if (child < 0) break;
  }
  echo(first);
  serve(listener);
}
