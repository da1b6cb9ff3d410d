// Lab 04: one client of a server that waits with select(2) or poll(2): what it has sent, what it
// still has to get, and what to wait for on its behalf.
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

/// One client: its socket, non-blocking, and the bytes that it has not taken yet.
class Connection {
 public:
  explicit Connection(async::FileDescriptor socket) : socket_{std::move(socket)} {}

  int fd() const { return socket_.get(); }

  /// Whether to be told when something has arrived.
  bool wants_input() const {
    bool room = true;
    async::written([&] { room = has_room(); });
    return room && !finished_;
  }

  /// Whether to be told when the socket takes bytes.
  bool wants_output() const {
    bool waiting = false;
    async::written([&] { waiting = has_waiting(); });
    return waiting;
  }

  /// Something has arrived, or the connection has failed: receives once, and sends it back at once.
  /// Returns false when the connection is over.
  bool on_input(std::span<char> buffer) {
    const ssize_t received = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (received < 0) return only_later();
    if (received == 0) return finish();
    return send({buffer.data(), static_cast<std::size_t>(received)});
  }

  /// The socket takes bytes again, or the connection has failed. Returns false when it is over.
  bool on_output() {
    // TODO(04.4): send what waits; when all of it has gone, a client that has finished is over.
    //   send() may take a part again. What it took must go, what it did not take must stay.
    //   man: send(2) "RETURN VALUE"   check: keeps_what_send_did_not_take
    async::todo("04.4");
  }

 private:
  static constexpr std::size_t high_water = 64 * 1024;  // bytes that may wait: our choice

  /// The client has finished. It is over, unless something still has to be sent.
  bool finish() {
    finished_ = true;
    return wants_output();
  }

  /// Sends what the kernel takes of `bytes`, behind what waits already, and keeps the rest.
  bool send(std::string_view bytes) {
    if (!pending_.empty()) {
      pending_ += bytes;
      return true;
    }
    const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && !only_later()) return false;
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
    if (!bytes.empty()) async::written([&] { keep(bytes); });
    return true;
  }

  /// Remembers what send() did not take.
  void keep(std::string_view rest) {
    // TODO(04.4): keep it in `pending_`.
    //   Without that these bytes are lost: nobody will offer them again.
    //   man: send(2) "EAGAIN"   check: keeps_what_send_did_not_take
    async::todo("04.4");
  }

  bool has_waiting() const {
    // TODO(04.4): tell whether something waits to be sent.
    //   A socket that takes bytes is ready all the time: ask for output only while you have some.
    //   man: poll(2) "POLLOUT"   check: keeps_what_send_did_not_take
    async::todo("04.4");
  }

  bool has_room() const {
    // TODO(04.5): tell whether less waits than `high_water`.
    //   Above it nothing more is received, so the client's send() will wait in its turn:
    //   backpressure. Memory stays bounded, whatever a client sends and does not read.
    //   man: tcp(7)   check: a_client_that_never_reads_costs_bounded_memory
    async::todo("04.5");
  }

  static bool only_later() { return errno == EAGAIN || errno == EINTR; }

  async::FileDescriptor socket_;
  std::string pending_;    // received, not yet echoed
  bool finished_ = false;  // the client will send nothing more
};
