// 29: raises its limits and crashes
// tries: leave a core file, and have more than it was given
// expected: CRASH, 0 points, says "SIGSEGV"
#include "echo.hpp"

int main(int, char*[]) {
  rlimit own{};
  for (const auto which :
       {RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_STACK, RLIMIT_MEMLOCK}) {
    getrlimit(which, &own);
    rlimit more = own;
    more.rlim_cur = more.rlim_max = RLIM_INFINITY;
    got_out_if(own.rlim_max == RLIM_INFINITY || setrlimit(which, &more) == 0, "a higher limit");
  }
  signal(SIGSEGV, SIG_DFL);  // AddressSanitizer's handler would only report
  raise(SIGSEGV);
}
