// The client of the request-reply servers: one number, one reply, read until the server closes.
// Try it: `./client localhost 2999 30`, beside a server in either language.

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "async/arguments.hpp"
#include "async/check.hpp"
#include "async/file_descriptor.hpp"

namespace {

using async::FileDescriptor;

/// Any integer is sent, also one that the service refuses: so its errors can be seen. None, or -1,
/// stands for any number of 0 to 34.
bool is_integer(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string any_number() {
  std::random_device source;
  return std::to_string(std::uniform_int_distribution{0, 34}(source));
}

/// Connects to the first address of `host` that answers.
///
/// throws    std::runtime_error: no such host; std::system_error "connect", for the last address
/// source    getaddrinfo(3), "EXAMPLES"
FileDescriptor connect_to(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found);
  if (error != 0) throw std::runtime_error{::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, ::freeaddrinfo};
  for (const addrinfo* at = found; at; at = at->ai_next) {
    FileDescriptor server{
        async::check("socket", ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    if (::connect(server.get(), at->ai_addr, at->ai_addrlen) == 0) return server;
  }
  async::fail("connect");
}

/// Sends a number, and returns all that comes back: a reply may arrive in pieces, recv(2).
std::string ask(const FileDescriptor& server, std::string_view number) {
  async::check("send", ::send(server.get(), number.data(), number.size(), MSG_NOSIGNAL));
  std::string reply;
  std::array<char, 256> piece;
  while (const auto size =
             async::check("recv", ::recv(server.get(), piece.data(), piece.size(), 0))) {
    reply.append(piece.data(), static_cast<std::size_t>(size));
  }
  if (reply.empty()) throw std::runtime_error{"the server closed without a reply"};
  return reply;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 3 || argc > 4 || !is_integer(argc == 4 ? argv[3] : "0")) {
    std::fprintf(stderr, "Usage: client server_name server_port [num]\n0 <= num <= 34\n");
    return 1;
  }
  const std::string host = argv[1], port = argv[2];
  if (!async::number(port, 1, 65'535)) {
    std::fprintf(stderr, "Invalid port %s\n", port.c_str());
    return 1;
  }
  try {
    const std::string_view asked = argc == 4 ? argv[3] : "-1";
    const std::string number = asked == "-1" ? any_number() : std::string{asked};
    const FileDescriptor server = connect_to(host, port);
    std::fprintf(stderr, "client: Connected to %s:%s\n", host.c_str(), port.c_str());
    std::fprintf(stderr, "client: Sending %s\n", number.c_str());
    std::printf("function(%s): %s\n", number.c_str(), ask(server, number).c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s:%s: %s\n", host.c_str(), port.c_str(), error.what());
    return 1;
  }
}
