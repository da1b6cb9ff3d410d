// 06: serves well, and ignores every signal that can be ignored
// tries: outlive its grading
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
  serve(argv);
}
