// 08: serves well; a daemon of its own lurks beside it as soon as somebody connects
// tries: leave a process on the machine that outlives its grading
// expected: EXTRA_PROCESSES, 10-90 points, says "2 processes"
#include "echo.hpp"

void leave_daemon() {
  if (fork() > 0) return;
  setsid();
  if (fork() > 0) _exit(0);
  forget_descriptors();
  for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
  while (true) pause();
}

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  const int first = next_client(listener);
  leave_daemon();
  waitpid(-1, nullptr, 0);
  echo(first);
  serve(listener);
}
