// Lab 06: where the second server is.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace http {

/// The second server: who it is, and where.
struct Upstream {
  std::string name;  // host:port, for the Host field
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// Finds the second server. Once, before anybody is served: a look-up may wait for seconds.
inline Upstream resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw std::runtime_error{host + ": " + ::gai_strerror(error)};
  Upstream upstream{host + ":" + std::to_string(port), {}, found->ai_addrlen};
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&upstream.address));
  ::freeaddrinfo(found);
  return upstream;
}

}  // namespace http
