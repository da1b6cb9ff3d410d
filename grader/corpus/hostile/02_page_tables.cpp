// 02: a hundred processes read one byte in every 2 MiB of 8 GiB
// tries: take memory for page tables, which is in nobody's resident set
// checks: echoes_until_end_of_file survives_interrupted_calls
// expected: MEMORY_LIMIT, 0 points, says "memory"
#include <sys/mman.h>

#include "echo.hpp"

void hoard() {
  constexpr size_t size = size_t{1} << 33;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const made = mmap(nullptr, size, PROT_READ, flags, -1, 0);
  const volatile char* const bytes = static_cast<char*>(made);
  char read = 0;
  for (size_t at = 0; made != MAP_FAILED && at < size; at += 2 << 20) read ^= bytes[at];
  while (true) pause();
}

int main() {
  for (int n = 0; n < 100; ++n)
    if (fork() == 0) hoard();
  while (true) pause();
}
