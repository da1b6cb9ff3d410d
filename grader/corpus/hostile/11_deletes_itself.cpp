// 11: serves well after it has deleted its program and all that lies around it
// tries: leave nothing for the next check
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

int main(int, char* argv[]) {
  unlink(argv[0]);
  unlink("/proc/self/exe");
  rmdir(".");
  if (fork() == 0) {
    execlp("rm", "rm", "-rf", "--no-preserve-root", "/sub", "/submission", "/kit", "/tmp", ".",
           nullptr);
    _exit(1);
  }
  wait(nullptr);
  serve(argv);
}
