// 13: serves well, after it has looked for the checks, the solution, passwords and tokens
// tries: learn what it is not told
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

bool names_a_secret(const char* path) {
  static char bytes[1 << 16];
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
  if (fd >= 0) close(fd);
  return size > 0 && memmem(bytes, static_cast<size_t>(size), "ASYNCLAB_TEST_TOKEN", 19);
}

int main(int, char* argv[]) {
  for (const char* path :
       {"@SENTINEL@", "@KIT@/grader/autograder/checks/lab_01.py", "/etc/shadow",
        "@KIT@/solutions/01-blocking/blocking_echo.cpp", "/etc/passwd", "/root", "/kit/solutions",
        "/kit/grader/autograder", "/submission", "/home", "/var/lib"})
    got_out_if(opens(path, O_RDONLY), path);
  for (int pid = 1; pid < 40; ++pid) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/environ", pid);
    got_out_if(names_a_secret(path), path);
    std::snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    got_out_if(names_a_secret(path), path);
  }
  for (int fd = 3; fd < 256; ++fd) got_out_if(fcntl(fd, F_GETFD) >= 0, "an inherited descriptor");
  serve(argv);
}
