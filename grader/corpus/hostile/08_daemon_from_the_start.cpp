// 08: serves well; a daemon of its own lurks beside it from the start
// tries: leave a process on the machine, where it looks like a part of the program
// checks: echoes_until_end_of_file the_second_client_waits_its_turn
// expected: EXTRA_PROCESSES, 10 points, says "2 processes"
#include "echo.hpp"

void leave_daemon() {
  if (fork() > 0) return;
  setsid();
  if (fork() > 0) _exit(0);
  for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
  while (true) pause();
}

int main(int, char* argv[]) {
  leave_daemon();
  waitpid(-1, nullptr, 0);
  serve(argv);
}
