// 16: serves well, after it has sent SIGKILL to all that it can name
// tries: end the grader
// checks: echoes_until_end_of_file serves_one_after_the_other the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  signal(SIGTERM, SIG_IGN);
  const pid_t group = getpgrp();
  if (group != getpid()) setpgid(0, 0);
  kill(1, SIGKILL);
  kill(getppid(), SIGTERM);
  kill(-1, SIGKILL);  // Linux spares the caller, kill(2)
  if (getpgid(0) == getpid()) killpg(group == getpid() ? 1 : group, SIGKILL);
  const int grader = atoi("@GRADER@");  // a small number may well be one of this box
  got_out_if(grader > 64 && kill(grader, 0) == 0, "the grader's process");
  serve(argv);
}
