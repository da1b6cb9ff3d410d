// Where connections come from: addresses of 127.0.0.0/8, all of which are this machine.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"
#include "options.hpp"

namespace load {

/// One address has about 28,000 ports for its connections to one server (ip(7),
/// ip_local_port_range: 32768 to 60999), and a connection that was closed keeps its port in
/// TIME_WAIT for a minute (tcp(7)). More addresses have more ports: 127.1.0.1, 127.1.0.2, ...
class Sources {
 public:
  explicit Sources(const Options& options) {
    server_.sin_family = AF_INET;
    server_.sin_port = htons(static_cast<std::uint16_t>(options.port));
    if (::inet_pton(AF_INET, options.address.c_str(), &server_.sin_addr) != 1)
      throw async::UsageError{"error: --address wants an IPv4 address, not '" + options.address +
                              "'"};
    const bool loopback = ntohl(server_.sin_addr.s_addr) >> 24 == 127;
    const unsigned needed = (options.connections + options.idle) / ports + 1;
    const unsigned wanted = options.per_connection > 0 ? std::max(needed, changing) : needed;
    if (loopback) count_ = options.sources > 0 ? options.sources : wanted;
  }

  /// A socket that has its address, but no port yet: connect(2) finds one which is free towards
  /// that server, and not towards all the world (ip(7), IP_BIND_ADDRESS_NO_PORT).
  async::FileDescriptor socket() {
    constexpr int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    async::FileDescriptor made{async::check("socket", ::socket(AF_INET, type, 0))};
    async::enable(made.get(), IPPROTO_TCP, TCP_NODELAY);
    if (count_ == 0) return made;
    async::enable(made.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(address(next_++ % count_));
    async::check("bind", ::bind(made.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own));
    return made;
  }

  const sockaddr* server() const { return reinterpret_cast<const sockaddr*>(&server_); }
  static constexpr socklen_t size = sizeof(sockaddr_in);
  unsigned count() const { return count_; }

 private:
  static constexpr unsigned ports = 20'000;  // of the 28,232, so that a free one is found at once
  static constexpr unsigned changing = 64;   // where every message takes a port

  static std::uint32_t address(unsigned number) {
    return (127U << 24) + (1U << 16) + (number / 254 << 8) + number % 254 + 1;
  }

  sockaddr_in server_{};
  unsigned count_ = 0;  // 0: the kernel chooses
  unsigned next_ = 0;
};

}  // namespace load
