// 12: opens descriptors until there are no more, and asks for more
// tries: use up the machine's descriptors
// expected: EXITED, 0 points, says "Too many open files"
#include "echo.hpp"

int main(int, char*[]) {
  rlimit limit{1'000'000, 1'000'000};
  got_out_if(setrlimit(RLIMIT_NOFILE, &limit) == 0, "a higher hard limit of descriptors");
  for (int number = 0; number < 1'000'000; ++number)
    if (open("/dev/null", O_RDONLY) < 0) {
      std::perror("open");
      return 1;
    }
}
