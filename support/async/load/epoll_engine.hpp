// The usual engine: epoll(7), edge-triggered.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "async/check.hpp"
#include "engine.hpp"
#include "sources.hpp"

namespace load {

/// Each connection is registered once, for everything. Edge-triggered because the kernel then need
/// not look at each reported socket a second time, and because nothing has to be switched on and
/// off: a recv() that did not fill the buffer has emptied the socket (epoll(7), "Questions and
/// answers"), and what comes later is told again.
class EpollEngine : public Engine {
 public:
  EpollEngine(std::vector<Connection>& connections, const Sources& sources, const Pattern& pattern,
              Listener& listener)
      : connections_{connections},
        sources_{sources},
        pattern_{pattern},
        listener_{listener},
        ready_(std::clamp<std::size_t>(connections.size(), 16, 1024)),
        buffer_(64 << 10) {}

  void connect(Connection& connection) override {
    const int fd = connection.socket.get();
    if (::connect(fd, sources_.server(), Sources::size) < 0 && errno != EINPROGRESS)
      return listener_.lost(connection, errno);
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                      .data = {.u64 = std::uint64_t{connection.serial} << 32 | connection.index}};
    async::check("epoll_ctl", ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event));
  }

  void send(Connection& connection) override {
    while (connection.unsent() > 0) {
      const Bytes bytes = pattern_.at(connection.key, connection.sent, connection.unsent());
      const auto sent = ::send(connection.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) listener_.lost(connection, errno);
        return;  // EAGAIN: EPOLLOUT will tell. Non-blocking calls have no EINTR to go on after.
      }
      connection.sent += static_cast<std::uint64_t>(sent);
    }
  }

  void close(Connection& connection) override { connection.socket = {}; }  // and epoll forgets it

  void wait(Duration longest) override {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
    const timespec time{whole.count(), (longest - whole).count()};
    const int size = static_cast<int>(ready_.size());
    const int ready = ::epoll_pwait2(epoll_.get(), ready_.data(), size, &time, nullptr);
    if (ready < 0 && errno == EINTR) return;
    for (const auto& event : std::span{ready_}.first(async::check("epoll_pwait2", ready))) {
      Connection& connection = connections_[event.data.u64 & 0xffff'ffff];
      if (connection.serial == event.data.u64 >> 32 && connection.socket)  // else of the past
        handle(connection, event.events);
    }
  }

 private:
  void handle(Connection& connection, std::uint32_t events) {
    const std::uint32_t serial = connection.serial;
    if (connection.state == Connection::State::connecting) {
      if (!finish_connecting(connection, events)) return;
    } else if ((events & EPOLLOUT) && connection.unsent() > 0) {
      send(connection);
    }
    const bool ending = events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    if (!ending && !(events & EPOLLIN)) return;
    while (connection.serial == serial && connection.socket && receive(connection, ending)) {
    }
  }

  /// Returns whether the connection stands and is still the same.
  bool finish_connecting(Connection& connection, std::uint32_t events) {
    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return false;
    int error = 0;
    socklen_t size = sizeof error;
    async::check("getsockopt", ::getsockopt(connection.socket.get(), SOL_SOCKET, SO_ERROR, &error,
                                            &size));  // connect(2), EINPROGRESS
    if (error != 0) return listener_.lost(connection, error), false;
    listener_.connected(connection);
    return true;
  }

  /// Returns whether there may be more.
  bool receive(Connection& connection, bool ending) {
    const auto got = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (got > 0) {
      listener_.received(connection, Bytes{buffer_}.first(static_cast<std::size_t>(got)));
      return ending || static_cast<std::size_t>(got) == buffer_.size();
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
      listener_.lost(connection, got == 0 ? 0 : errno);
    return false;
  }

  std::vector<Connection>& connections_;
  const Sources& sources_;
  const Pattern& pattern_;
  Listener& listener_;
  async::FileDescriptor epoll_{async::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  std::vector<epoll_event> ready_;
  std::vector<char> buffer_;
};

}  // namespace load
