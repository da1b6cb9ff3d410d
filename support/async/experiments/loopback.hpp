// Clients on this machine, and the addresses of its servers.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

namespace experiment {

/// 127.0.0.1:port, for calls that take an address; 0: any free port.
struct Loopback {
  explicit Loopback(std::uint16_t port) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(port);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size = sizeof(sockaddr_in);

 private:
  sockaddr_in address_{};
};

/// Connects to a server of this machine.
///
/// flags     SOCK_NONBLOCK: does not wait until the connection stands, connect(2) EINPROGRESS.
inline async::FileDescriptor connect_to(std::uint16_t port, int flags = 0) {
  async::FileDescriptor client{
      async::check("socket", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0))};
  if (::connect(client.get(), Loopback{port}.address(), Loopback::size) < 0 && errno != EINPROGRESS)
    async::fail("connect");
  return client;
}

}  // namespace experiment
