// One connection: where it stands in the stream of bytes that go out and come back.
#pragma once

#include <cstdint>

#include "async/file_descriptor.hpp"
#include "clock.hpp"

namespace load {

struct Connection {
  enum class State : std::uint8_t {
    gone,        // has no socket
    connecting,  // since `since`
    resting,     // owes nothing
    asking       // a message is under way, or coming back
  };

  async::FileDescriptor socket;
  State state = State::gone;
  bool silent = false;         // one of --idle: never sends
  bool sending = false;        // io_uring: a send is with the kernel
  bool answered = false;       // has ever had a reply
  std::uint32_t index = 0;     // its place among all connections
  std::uint32_t serial = 0;    // of its socket: tells an old event from a new one
  std::uint32_t key = 0;       // where its stream begins, pattern.hpp
  unsigned messages = 0;       // that this socket has sent
  std::uint64_t promised = 0;  // bytes of all messages begun
  std::uint64_t sent = 0;      // of them
  std::uint64_t received = 0;  // of them, each as it was sent
  Time since{};                // when its message was due, or its connecting began

  std::uint64_t unsent() const { return promised - sent; }
  std::uint64_t owed() const { return promised - received; }

  /// Begins anew, with an own stream.
  void start(std::uint32_t new_serial, std::uint32_t new_key, Time now) {
    state = State::connecting;
    sending = false;
    serial = new_serial;
    key = new_key;
    messages = 0;
    promised = sent = received = 0;
    since = now;
  }
};

}  // namespace load
