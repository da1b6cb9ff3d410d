// 26: serves well for a fifth of a second, and ends
// tries: have passed before it is over
// expected: EXITED, 0-90 points, says "status 0"
#include <sys/time.h>

#include "echo.hpp"

void end_after_a_moment() {
  signal(SIGALRM, [](int) { _exit(0); });
  const itimerval moment{{0, 0}, {0, 200'000}};
  setitimer(ITIMER_REAL, &moment, nullptr);
}

int main(int, char* argv[]) {
  end_after_a_moment();
  serve(argv);
}
