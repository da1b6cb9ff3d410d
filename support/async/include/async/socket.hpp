// Sockets for servers on this machine: listen, accept, never wait.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

namespace async {

/// Switches on a socket option that is a flag.
inline void enable(int socket, int level, int option) {
  const int on = 1;
  check("setsockopt", ::setsockopt(socket, level, option, &on, sizeof on));
}

/// Listens on 127.0.0.1, where only this machine can connect.
///
/// port      0 lets the kernel choose a free one; port_of() tells which.
/// throws    std::system_error; "bind: Address already in use" if somebody listens there.
/// source    socket(7), SO_REUSEADDR: a restart need not wait until old connections are forgotten.
///           tcp(7), TCP_NODELAY: no reply waits for the acknowledgement of the last one. Under
///           Linux the accepted sockets inherit it, which saves a system call for each of them.
inline FileDescriptor listen_on(std::uint16_t port) {
  FileDescriptor listener{check("socket", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  enable(listener.get(), SOL_SOCKET, SO_REUSEADDR);
  enable(listener.get(), IPPROTO_TCP, TCP_NODELAY);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  check("bind", ::bind(listener.get(), name, sizeof address));
  check("listen", ::listen(listener.get(), SOMAXCONN));
  return listener;
}

/// Tells the port that a socket is bound to.
inline std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check("getsockname", ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size));
  return ntohs(address.sin_port);
}

/// Makes calls on `fd` return EAGAIN where they would have waited. Its other flags stay.
/// The flag belongs to the open file: every copy made by dup(2) or fork(2) shares it, open(2).
inline void make_nonblocking(int fd) {
  const int flags = check("fcntl", ::fcntl(fd, F_GETFL));
  check("fcntl", ::fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

/// Takes the next client of a listener; hides nothing.
///
/// flags     SOCK_NONBLOCK or 0: under Linux a client does not inherit O_NONBLOCK, accept(2).
/// returns   the client, or an empty descriptor with errno set: EAGAIN (nobody waits, non-blocking
///           listener), EINTR, ECONNABORTED, EMFILE and the others of accept(2), "ERRORS".
inline FileDescriptor accept_client(int listener, int flags = 0) {
  return FileDescriptor{::accept4(listener, nullptr, nullptr, flags | SOCK_CLOEXEC)};
}

}  // namespace async
