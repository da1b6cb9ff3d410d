// 05: never listens
// tries: hold up the grader
// expected: NO_LISTEN, 0 points, says "listens on no port"
#include "echo.hpp"

int main(int, char*[]) {
  while (true) pause();
}
