// 03: writes to every place that might take it, until it takes no more
// tries: fill the machine's disks
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include "echo.hpp"

long fill(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return 0;
  static char bytes[1 << 20];
  long total = 0;
  signal(SIGXFSZ, SIG_IGN);
  for (ssize_t n = 0; total < (1L << 30) && (n = write(fd, bytes, sizeof bytes)) > 0;) total += n;
  close(fd);
  return total;
}

int main(int, char* argv[]) {
  const int listener = listen_on(atoi(argv[1]));
  const int first = next_client(listener);
  for (const char* path : {"/tmp/a", "/dev/shm/a", "./a", "/a", "/dev/a", "/sub/a", "/run/a",
                           "/var/tmp/a", "/usr/a"}) {
    got_out_if(fill(path) > (128L << 20), path);
    unlink(path);
  }
  echo(first);
  serve(listener);
}
