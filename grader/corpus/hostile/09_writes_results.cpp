// 09: serves well, and writes a result of 100 points wherever one might be looked for
// tries: grade itself
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

void forge(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return;
  const char forged[] = R"({"score": 100, "max_score": 100, "verdict": "OK"})";
  if (write(fd, forged, sizeof forged - 1) < 0) std::perror(path);
  close(fd);
}

int main(int, char* argv[]) {
  for (const char* path : {"results.json", "../results.json", "../../results.json",
                           "/tmp/results.json", "/proc/1/root/tmp/results.json", "/proc/self/fd/1",
                           "/proc/1/fd/1", "/results.json", "/autograder/results/results.json"})
    forge(path);
  for (const char* path : {"@SENTINEL@", "/proc/1/root@SENTINEL@", "/usr/bin/python3",
                           "/usr/forged", "/etc/forged", "@KIT@/grader/autograder/engine.py"})
    got_out_if(opens(path, O_WRONLY) || opens(path, O_WRONLY | O_CREAT), path);
  serve(argv);
}
