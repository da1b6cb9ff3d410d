// 14: serves well, after it has tried to talk to the grader's machine
// tries: send its findings home, reach servers of the machine and abstract sockets
// checks: echoes_until_end_of_file survives_interrupted_calls the_second_client_waits_its_turn
// expected: OK, all points
#include <sys/un.h>

#include <cstddef>

#include "echo.hpp"

bool connects(const char* host, int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host, &address.sin_addr);
  const int said = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  const bool under_way = said == 0 || errno == EINPROGRESS;
  close(fd);
  return under_way;
}

bool connects_to_abstract(const char* name) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name, std::strlen(name));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + std::strlen(name));
  const bool worked = connect(fd, reinterpret_cast<sockaddr*>(&address), size) == 0;
  close(fd);
  return worked;
}

int main(int, char* argv[]) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi("@PORT@")));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  got_out_if(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
             "a port of the machine");
  close(fd);
  got_out_if(connects("192.0.2.1", 80), "a network");  // an address of nobody, RFC 5737
  got_out_if(connects_to_abstract("@ABSTRACT@"), "an abstract socket of the machine");
  serve(argv);
}
