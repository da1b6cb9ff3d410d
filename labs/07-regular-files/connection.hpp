// Lab 07: one client of the file server: its requests, and how far the reply under way has come.
#pragma once

#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "file.hpp"
#include "request_parser.hpp"

/// What a call on a socket came to.
enum class Went {
  well,   // bytes moved
  later,  // none can move now
  wrong,  // the connection is broken
};

/// One client. Requests are answered one after the other, in order: while a reply is under way,
/// nothing more is received, and the next requests wait here or in the socket.
class Connection {
 public:
  Connection(std::uint64_t id, async::FileDescriptor socket) : id{id}, socket_{std::move(socket)} {}

  int fd() const { return socket_.get(); }

  /// Receives what is there, at most one buffer. After a buffer that was not filled it says once,
  /// without a call, that there is no more: if there is, the loop will tell.
  Went receive() {
    if (std::exchange(drained_, false)) return Went::later;
    std::array<char, 16 * 1024> buffer;
    const ssize_t got = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? Went::later : Went::wrong;
    finished = got == 0;
    drained_ = got > 0 && got < std::ssize(buffer);
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return Went::well;
  }

  /// Parses what has been received. Returns whether a request is complete, or has failed.
  bool parse() {
    input_.erase(0, parser.consume(input_));
    return parser.complete() || parser.failed();
  }

  /// Queues bytes of the reply.
  void put(std::string bytes) {
    output_ = unsent() == 0 ? std::move(bytes) : output_.substr(sent_) + bytes;
    sent_ = 0;
  }

  /// Sends what the socket takes.
  Went send() {
    const std::string_view left = std::string_view{output_}.substr(sent_);
    const int more = body_left > 0 ? MSG_MORE : 0;  // a head goes with its body, tcp(7) TCP_CORK
    const ssize_t sent = ::send(fd(), left.data(), left.size(), MSG_NOSIGNAL | more);
    if (sent < 0) return errno == EAGAIN || errno == EINTR ? Went::later : Went::wrong;
    sent_ += static_cast<std::size_t>(sent);
    return Went::well;
  }

  /// Sends from the file what the socket takes. It never comes into this process; but what is not
  /// in memory sendfile() waits for, in this thread: only for a file that is `warm`.
  Went send_file() {
    constexpr std::uint64_t turn = 256 * 1024;  // bytes before others have a turn: our choice
    auto from = static_cast<off_t>(offset);
    const auto moved = ::sendfile(fd(), file->fd.get(), &from, std::min(body_left, turn));
    if (moved < 0) return errno == EAGAIN || errno == EINTR ? Went::later : Went::wrong;
    if (moved == 0) return Went::wrong;  // it has become shorter than the head said
    offset += static_cast<std::uint64_t>(moved);
    body_left -= static_cast<std::uint64_t>(moved);
    return Went::well;
  }

  /// Behind the last reply: says that nothing more comes, and takes and drops what the client still
  /// sends, until it ends too. To close at once would reset the connection, and could cost it the
  /// reply, RFC 9112 9.6.
  Went say_goodbye() {
    if (finished) return Went::wrong;
    if (!std::exchange(said_goodbye_, true)) ::shutdown(fd(), SHUT_WR);
    input_.clear();
    return receive();
  }

  std::size_t unsent() const { return output_.size() - sent_; }
  bool idle() const { return !busy && unsent() == 0 && body_left == 0; }

  const std::uint64_t id;            // of no other connection, ever: descriptors are used again
  http::RequestParser parser;        // of the request under way
  std::shared_ptr<const File> file;  // which the reply sends; a job holds it too
  std::string path;                  // of it
  bool warm = false;                 // it has just been read to its end, so it is in memory
  std::uint64_t offset = 0;          // in it
  std::uint64_t body_left = 0;       // bytes of it that are still to be read
  bool busy = false;                 // a job for this connection is under way
  bool last = false;                 // close it behind this reply
  bool finished = false;             // the client has closed its sending side
  bool quiet = false;                // nothing has happened since the last tick
  std::uint32_t interest = EPOLLIN;

 private:
  async::FileDescriptor socket_;
  std::string input_;   // received, not yet parsed
  std::string output_;  // to be sent, from sent_ on
  std::size_t sent_ = 0;
  bool said_goodbye_ = false;
  bool drained_ = false;
};
