// Lab 07: who comes and who goes: the listener, the connections, SIGTERM, as in lab 05.
#pragma once

#include <sys/signalfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <unordered_map>
#include <utility>

#include "async/check.hpp"
#include "async/socket.hpp"
#include "async/timer.hpp"
#include "connection.hpp"
#include "event_loop.hpp"

/// Blocks SIGTERM and SIGINT, for this thread and those that it starts from now on, and returns a
/// descriptor that tells of them.
inline async::FileDescriptor signal_descriptor() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&set, number);
  async::check("sigprocmask", ::sigprocmask(SIG_BLOCK, &set, nullptr));
  return async::FileDescriptor{async::check("signalfd", ::signalfd(-1, &set, SFD_CLOEXEC))};
}

/// The clients of a server, on its loop. SIGTERM stops the loop when what is under way is done.
class Clients {
 public:
  /// serve     called when a connection is ready, or was
  Clients(EventLoop& loop, async::FileDescriptor listener, std::function<void(Connection&)> serve)
      : loop_{loop}, listener_{std::move(listener)}, serve_{std::move(serve)} {
    async::make_nonblocking(listener_.get());
    loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { welcome(); });
    loop_.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) { on_timer(); });
    loop_.add(signals_.get(), EPOLLIN, [this](std::uint32_t) { finish(); });
  }

  /// The connection of that id, or null if it has left.
  Connection* find(std::uint64_t id) {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : &found->second;
  }

  /// Watches a connection for what it wants now: EPOLLIN, EPOLLOUT or 0.
  void watch(Connection& connection, std::uint32_t interest) {
    if (interest == connection.interest) return;
    loop_.modify(connection.fd(), interest);
    connection.interest = interest;
  }

  void close(const Connection& connection) {
    loop_.remove(connection.fd());
    connections_.erase(connection.id);
    resume_accepting();
  }

  /// SIGTERM came: each reply is the last of its connection.
  bool stopping() const { return stopping_; }

 private:
  static constexpr int budget = 16;  // clients in one event: our choice

  void welcome() {
    for (int left = budget; left > 0; --left) {
      async::FileDescriptor client = async::accept_client(listener_.get(), SOCK_NONBLOCK);
      if (client) {
        adopt(std::move(client));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return pause_accepting();
      } else if (errno == EAGAIN) {
        return;
      }
    }
  }

  void adopt(async::FileDescriptor client) {
    const int fd = client.get();
    const std::uint64_t id = next_id_++;
    Connection& made = connections_.try_emplace(id, id, std::move(client)).first->second;
    loop_.add(fd, EPOLLIN, [this, &made](std::uint32_t events) {
      made.quiet = false;
      if (events & (EPOLLERR | EPOLLHUP)) return close(made);  // told even if nothing is asked for
      serve_(made);
    });
  }

  void pause_accepting() {
    loop_.modify(listener_.get(), 0);
    paused_ = true;
    timer_.start(std::chrono::seconds{1});
  }

  void resume_accepting() {
    if (std::exchange(paused_, false) && !stopping_) loop_.modify(listener_.get(), EPOLLIN);
  }

  void on_timer() {
    timer_.acknowledge();
    if (stopping_) return tick();
    resume_accepting();
  }

  /// Accepts nobody any more, and gives what is under way two seconds, in twenty ticks.
  void finish() {
    welcome();
    stopping_ = true;
    loop_.remove(signals_.get());
    loop_.remove(listener_.get());
    listener_ = {};
    tick();
  }

  /// Closes who has had nothing to do since the last tick; stops when all have gone, or time is up.
  void tick() {
    for (auto next = connections_.begin(); next != connections_.end();) {
      Connection& connection = (next++)->second;  // one ahead: close() erases
      if (std::exchange(connection.quiet, true) && connection.idle()) close(connection);
    }
    if (connections_.empty() || ticks_left_-- == 0) return loop_.stop();
    timer_.start(std::chrono::milliseconds{100});
  }

  EventLoop& loop_;
  async::Timer timer_;
  async::FileDescriptor listener_;
  async::FileDescriptor signals_ = signal_descriptor();
  std::function<void(Connection&)> serve_;
  std::unordered_map<std::uint64_t, Connection> connections_;  // elements stay where they are
  std::uint64_t next_id_ = 0;
  bool paused_ = false;    // out of descriptors
  bool stopping_ = false;  // SIGTERM came
  int ticks_left_ = 20;    // then: of 100 ms
};
