// 30: serves well, after it has asked for all of the CPU
// tries: starve the grader and other gradings
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include <sched.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  got_out_if(setpriority(PRIO_PROCESS, 0, -20) == 0, "priority -20");
  sched_param most{sched_get_priority_max(SCHED_FIFO)};
  got_out_if(sched_setscheduler(0, SCHED_FIFO, &most) == 0, "SCHED_FIFO");
  got_out_if(sched_setscheduler(0, SCHED_RR, &most) == 0, "SCHED_RR");
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);  // its own: allowed, and nobody's harm
  for (int pid = 1; pid < 8; ++pid)
    if (pid != getpid()) setpriority(PRIO_PROCESS, static_cast<id_t>(pid), 19);
  serve(argv);
}
