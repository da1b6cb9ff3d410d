// 02: takes memory and writes to it until it is ended
// tries: make the kernel end others
// expected: MEMORY_LIMIT, 0 points, says "memory"
#include "echo.hpp"

int main(int, char*[]) {
  const size_t piece = 16 << 20;
  while (void* memory = malloc(piece)) std::memset(memory, 1, piece);
}
