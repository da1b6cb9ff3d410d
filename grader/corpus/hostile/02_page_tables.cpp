// 02: reads one byte in every 2 MiB of a terabyte
// tries: take memory for page tables, which is in nobody's resident set
// checks: echoes_until_end_of_file
// expected: MEMORY_LIMIT, 0 points, says "memory"
#include <sys/mman.h>

#include "echo.hpp"

int main(int, char* argv[]) {
  constexpr size_t size = size_t{1} << 40;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const made = mmap(nullptr, size, PROT_READ, flags, -1, 0);
  const volatile char* const bytes = static_cast<char*>(made);
  char read = 0;
  for (size_t at = 0; made != MAP_FAILED && at < size; at += 2 << 20) read ^= bytes[at];
  serve(argv);
}
