// One client of an event loop: each call does what can be done now, never waits, and tells what to
// wait for.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "async/file_descriptor.hpp"
#include "server.hpp"

namespace async {

/// From its request to its reply and to the end of its connection.
class LoopClient {
 public:
  /// What has to come before this client can go on.
  enum class Wants { input, reply, output, end };

  explicit LoopClient(FileDescriptor socket) : socket_{std::move(socket)} {}

  int fd() const { return socket_.get(); }
  bool silent() const { return state_ == State::receiving || state_ == State::leaving; }
  std::string request() { return std::move(text_); }  // once, after Wants::reply

  /// The socket is ready, or was.
  Wants advance() {
    if (state_ == State::receiving) return receive();
    return state_ == State::sending ? send() : leave();
  }

  /// Its reply is there.
  Wants reply(std::string text) {
    text_ = std::move(text);
    state_ = State::sending;
    return send();
  }

  std::uint32_t interest = 0;  // what the loop watches it for; 0: it does not know it

 private:
  enum class State { receiving, working, sending, leaving };

  Wants receive() {
    std::array<char, Server::request_size> buffer;
    const ssize_t size = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (size < 0) return only_later() ? Wants::input : Wants::end;
    text_.assign(buffer.data(), static_cast<std::size_t>(size));
    goes_on_ = text_.size() == buffer.size();
    state_ = State::working;
    return Wants::reply;
  }

  Wants send() {
    const ssize_t sent = ::send(fd(), text_.data(), text_.size(), MSG_NOSIGNAL);
    if (sent < 0) return only_later() ? Wants::output : Wants::end;
    text_.erase(0, static_cast<std::size_t>(sent));
    if (!text_.empty()) return Wants::output;
    ::shutdown(fd(), SHUT_WR);
    state_ = State::leaving;
    return leave();
  }

  /// Discards what has come since: left unread, it would make close() a reset, and the client might
  /// lose its reply. A request that filled the buffer probably goes on: then until its end.
  Wants leave() {
    std::array<char, 16 * 1024> rest;
    while (pieces_left_-- > 0) {
      const ssize_t size = ::recv(fd(), rest.data(), rest.size(), 0);
      if (size > 0) continue;
      return size < 0 && only_later() && goes_on_ ? Wants::input : Wants::end;
    }
    return Wants::end;
  }

  static bool only_later() { return errno == EAGAIN || errno == EINTR; }

  FileDescriptor socket_;
  State state_ = State::receiving;
  std::string text_;         // the request; then what is still to be sent of the reply
  bool goes_on_ = false;     // the request filled the buffer
  int pieces_left_ = 1'024;  // to be discarded of what follows: our choice
};

}  // namespace async
