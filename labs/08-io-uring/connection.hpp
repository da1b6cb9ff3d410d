// Lab 08: one client of the ring's echo server, and the names of the operations on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"

/// One client. The bytes of a send in flight must neither move nor change, so what arrives
/// meanwhile waits in `waiting`: one send at a time keeps the bytes in order.
struct Connection {
  explicit Connection(async::FileDescriptor client) : socket{std::move(client)} {}

  int fd() const { return socket.get(); }
  bool idle() const { return !send_in_flight && waiting.empty(); }

  /// Has `bytes` sent next, from memory of its own.
  void keep(std::string bytes) {
    kept = std::move(bytes);
    sending = kept;
  }

  async::FileDescriptor socket;
  std::string waiting;
  std::string_view sending;  // part of `kept`, or of a buffer that the kernel has chosen
  std::string kept;
  std::string buffer;                     // for single receives only
  std::optional<std::uint16_t> borrowed;  // the buffer that `sending` lies in
  int in_flight = 0;                      // operations whose last completion has not come
  bool receive_in_flight = false;
  bool send_in_flight = false;
  bool pausing = false;   // the receive has been cancelled, and will end
  bool finished = false;  // end of file has come
  bool closing = false;   // closed as soon as nothing is in flight
  bool quiet = false;     // nothing has happened since the last tick
};

/// What an operation is for. With its descriptor it makes up the user_data of a completion: the
/// number stays ours until the last one has come, so it cannot mean somebody else.
enum class Op : std::uint32_t { accept, receive, send, cancel, signal, retry, tick };

inline std::uint64_t user_data(Op op, int fd) {
  return static_cast<std::uint64_t>(op) << 32 | static_cast<std::uint32_t>(fd);
}
