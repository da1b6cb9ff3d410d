// When a message is sent: closed loop and open loop.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "connection.hpp"

namespace load {

/// Sends the next message of a connection; its latency counts from `due`.
class Sender {
 public:
  virtual void ask(Connection& connection, Time due) = 0;
  virtual bool wants_more() const = 0;

 protected:
  ~Sender() = default;
};

/// Decides which connection sends when.
class Pace {
 public:
  virtual ~Pace() = default;

  /// The connection has nothing under way, since `since`.
  virtual void ready(Connection& connection, Time since) = 0;
  /// Sends what is due.
  virtual void act(Time /*now*/) {}
  /// When act() has something to do next.
  virtual Time next() const { return Time::max(); }
  /// Messages that should have been sent by `now` and were not.
  virtual std::uint64_t behind(Time /*now*/) const { return 0; }
  /// Messages begin to count at `now`.
  virtual void start(Time /*now*/) {}
};

/// Closed loop: each connection sends as soon as it has its reply. So a slow server is asked less.
class ClosedLoop : public Pace {
 public:
  explicit ClosedLoop(Sender& sender) : sender_{sender} {}

  void ready(Connection& connection, Time since) override {
    if (sender_.wants_more()) sender_.ask(connection, since);
  }

 private:
  Sender& sender_;
};

/// Open loop: message k is due at the start + k / rate, whatever the server does. A message that
/// finds all connections occupied waits for one, and its latency counts that: no coordinated
/// omission. Those who wait need no queue: when they were due follows from their number.
class OpenLoop : public Pace {
 public:
  OpenLoop(Sender& sender, double rate, std::size_t connections)
      : sender_{sender}, interval_{1e9 / rate}, free_(connections + 1) {}

  void ready(Connection& connection, Time) override {  // the one that has rested longest is next
    free_[last_++ % free_.size()] = {&connection, connection.serial};
  }

  void act(Time now) override {
    while (first_ != last_ && due(sent_) <= now && sender_.wants_more()) {
      const Free& next = free_[first_++ % free_.size()];
      const bool there = next.connection->serial == next.serial &&
                         next.connection->state == Connection::State::resting;
      if (!there) continue;
      sender_.ask(*next.connection, due(sent_++));
      last_sent_ = now;
    }
  }

  Time next() const override {
    return first_ != last_ && sender_.wants_more() ? due(sent_) : Time::max();
  }

  std::uint64_t behind(Time now) const override {
    if (!sender_.wants_more()) now = last_sent_;  // nothing is due after the last one
    const double so_far =
        std::floor(std::chrono::duration<double, std::nano>{now - start_}.count() / interval_) + 1;
    return so_far > double(sent_) ? static_cast<std::uint64_t>(so_far) - sent_ : 0;
  }

  void start(Time now) override {
    start_ = now;
    sent_ = 0;
  }

 private:
  struct Free {
    Connection* connection;
    std::uint32_t serial;
  };

  Time due(std::uint64_t number) const {
    return start_ + Duration{static_cast<std::int64_t>(double(number) * interval_)};
  }

  Sender& sender_;
  double interval_;  // nanoseconds
  std::vector<Free> free_;
  std::size_t first_ = 0, last_ = 0;  // of those that are free
  Time start_{}, last_sent_{};
  std::uint64_t sent_ = 0;  // since the start
};

}  // namespace load
