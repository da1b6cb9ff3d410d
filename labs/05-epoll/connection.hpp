// Lab 05: one client of the event loop's echo server: what it has sent, and what it still has to
// get.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

/// What a connection wants next.
enum class Wants {
  input,   // to be called when something has arrived
  output,  // to be called when the socket takes bytes again
  more,    // to be called again soon: there is probably more to receive
  end,     // to be closed
};

inline bool only_later() { return errno == EAGAIN || errno == EINTR; }

/// One client: its socket, and what it has not taken yet.
class Connection {
 public:
  explicit Connection(async::FileDescriptor socket) : socket_{std::move(socket)} {}

  int fd() const { return socket_.get(); }

  /// Does what can be done now, with at most one recv() and one send(), and never waits.
  Wants advance(std::span<char> buffer) {
    if (!pending_.empty()) {
      // TODO(05.3): offer what waits, and receive nothing new before it has gone.
      //   That is the high-water mark: at most one buffer waits, however much the client sends.
      //   An end of file behind it is not lost: it is still there when you receive again.
      //   man: tcp(7)   check: a_client_that_never_reads_costs_bounded_memory
      async::todo("05.3");
    }
    return echo(buffer);
  }

  bool idle() const { return pending_.empty(); }

  std::uint32_t interest = EPOLLIN;  // what the loop watches it for
  bool quiet = false;                // nothing has happened since the last tick

 private:
  /// Receives once, and sends it back at once: the socket is nearly always ready for that.
  Wants echo(std::span<char> buffer) {
    // TODO(05.2): receive what is there, and send it back.
    //   The event was a hint: EAGAIN is possible. 0 bytes: the client has finished. Any other
    //   error ends the connection. A full buffer means that there is probably more.
    //   man: recv(2) "RETURN VALUE"   check: echoes_what_was_sent
    async::todo("05.2");
  }

  /// Sends what the kernel takes of `bytes`, and keeps the rest.
  Wants offer(std::string_view bytes) {
    const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == std::ssize(bytes)) {  // the usual case: the kernel took it all
      pending_ = {};
      return Wants::input;
    }
    // TODO(05.3): keep what send() did not take.
    //   A short count is no error; -1 with EAGAIN means that it took nothing. The bytes may lie
    //   in `pending_` itself: copy the rest before you overwrite it.
    //   man: send(2) "RETURN VALUE"   check: keeps_what_send_did_not_take
    async::todo("05.3");
  }

  async::FileDescriptor socket_;
  std::string pending_;  // received, not yet echoed
};
