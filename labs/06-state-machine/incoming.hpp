// Lab 06: what a client has sent and nobody has used yet.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace http {

/// How an attempt to receive went.
enum class Received { some, nothing, end };

/// At most one buffer of bytes, that of the last receive(): the next request may be among them.
class Incoming {
 public:
  std::string_view rest() const { return std::string_view{text_}.substr(used_); }
  void use(std::size_t size) { used_ += size; }

  /// Call it when the socket is reported ready; until then a short recv() was the last one.
  void may_receive() { drained_ = false; }

  /// Receives once, when all has been used. A failed connection has come to its end as well.
  Received receive(int socket, std::span<char> buffer) {
    if (drained_) return Received::nothing;  // it would say EAGAIN: a system call a request
    const ssize_t received = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return Received::nothing;
    if (received <= 0) return Received::end;
    drained_ = received < std::ssize(buffer);
    text_.assign(buffer.data(), static_cast<std::size_t>(received));
    used_ = 0;
    return Received::some;
  }

 private:
  std::string text_;
  std::size_t used_ = 0;  // bytes
  bool drained_ = false;
};

}  // namespace http
