// What the hostile submissions of lab 01 pretend to be: a right blocking echo server. The line
// that includes it is replaced by its text, so that each is one file, as a student hands it in.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

/// Sends all bytes; false if the client has gone.
inline bool send_all(int client, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(client, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) bytes += sent, size -= static_cast<size_t>(sent);
  }
  return true;
}

/// Serves one client to its end.
inline void echo(int client) {
  static char buffer[65536];
  while (true) {
    const ssize_t got = recv(client, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || !send_all(client, buffer, static_cast<size_t>(got))) break;
  }
  close(client);
}

inline int next_client(int listener) {
  int client = -1;
  while ((client = accept(listener, nullptr, nullptr)) < 0) {
  }
  return client;
}

inline int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) _exit(3);
  if (listen(listener, 128) != 0) _exit(4);
  return listener;
}

[[noreturn]] inline void serve(int listener) {
  while (true) echo(next_client(listener));
}

[[noreturn]] inline void serve(char* argv[]) { serve(listen_on(atoi(argv[1]))); }

/// For a child that is not to keep its parent's connections open.
inline void forget_descriptors() {
  for (int fd = 3; fd < 256; ++fd) close(fd);
}

/// Shows that an attempt that must fail has worked: the grading then fails with these words.
inline void got_out_if(bool worked, const char* what) {
  if (!worked) return;
  std::fprintf(stderr, "GOT OUT: %s\n", what);
  std::fflush(nullptr);
  _exit(99);
}

/// Can the file be opened like this?
inline bool opens(const char* path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}
