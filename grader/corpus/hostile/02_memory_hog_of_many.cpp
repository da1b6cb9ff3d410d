// 02: ten processes share the work of taking memory
// tries: stay below the limit of each process
// expected: MEMORY_LIMIT, 0 points, says "memory"
#include "echo.hpp"

int main(int, char*[]) {
  for (int number = 0; number < 10; ++number)
    if (fork() == 0) {
      const size_t piece = 1 << 20;
      for (int taken = 0; taken < 200; ++taken)
        if (void* memory = malloc(piece)) std::memset(memory, 1, piece);
      pause();
    }
  pause();
}
