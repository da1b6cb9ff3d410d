// 18: serves well, after it has stopped the processes above it
// tries: hold up who waits for it
// checks: echoes_until_end_of_file serves_one_after_the_other the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  kill(getppid(), SIGSTOP);
  kill(1, SIGSTOP);
  serve(argv);
}
