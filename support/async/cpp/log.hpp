// Log lines on stderr as the servers in Python write them, `name: message`; here the name is the
// program's.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

namespace async {

/// Writes a line: stderr has no buffer of its own, so lines of several threads do not mix.
inline void log(const std::string& message) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, message.c_str());
}

/// The other end of a connection, as Python writes it: `('127.0.0.1', 40000)`.
inline std::string peer_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  std::array<char, INET_ADDRSTRLEN> text{};
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) < 0) return "(gone)";
  ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return "('" + std::string{text.data()} + "', " + std::to_string(ntohs(address.sin_port)) + ")";
}

/// A client's bytes, fit for a terminal.
inline std::string printable(std::string_view bytes) {
  std::string text{bytes};
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace async
