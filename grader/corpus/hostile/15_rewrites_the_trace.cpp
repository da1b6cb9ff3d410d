// 15: is wrong, and writes into the file of whoever traces it that all is well
// tries: be judged by what it writes itself
// checks: echoes_until_end_of_file survives_interrupted_calls
// expected: WRONG, 0 points, says "byte"
#include "echo.hpp"

int main(int, char* argv[]) {
  for (int pid = 1; pid < 20; ++pid)
    for (int fd = 0; fd < 20; ++fd) {
      char path[64];
      std::snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
      char what[64] = "";
      if (pid != getpid() && readlink(path, what, sizeof what - 1) > 0 &&
          std::strstr(what, "memfd:trace")) {
        const int trace = open(path, O_RDWR);
        if (trace >= 0 && ftruncate(trace, 0) == 0)
          dprintf(trace, "1 recvfrom(3, \"\", 1, 0) = 1\n");
      }
    }
  const int listener = listen_on(atoi(argv[1]));
  while (true) {
    const int client = next_client(listener);
    char byte = 0;
    while (recv(client, &byte, 1, 0) == 1) {
      byte = static_cast<char>(byte ^ 1);
      if (!send_all(client, &byte, 1)) break;
    }
    close(client);
  }
}
