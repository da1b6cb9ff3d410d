// Clients that wait equally long: who came first is due first, so a queue and one timer suffice
// for thousands of them.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "async/timer.hpp"

namespace async {

class WaitingRoom {
 public:
  using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as the timer's

  explicit WaitingRoom(std::chrono::milliseconds wait) : wait_{wait} {}

  /// Readable when somebody is due; then call leave() until nobody is.
  int fd() const { return timer_.fd(); }

  void enter(int client) {
    waiting_.push_back({client, Clock::now() + wait_});
    if (waiting_.size() == 1) timer_.start(wait_);
  }

  /// Takes the next client that is due; starts the timer for the first who is not.
  std::optional<int> leave() {
    timer_.acknowledge();
    if (waiting_.empty()) return {};
    const auto [client, due] = waiting_.front();
    if (due > Clock::now()) {
      timer_.start(due - Clock::now());
      return {};
    }
    waiting_.pop_front();
    return client;
  }

 private:
  struct Waiting {
    int client;
    Clock::time_point due;
  };
  std::chrono::milliseconds wait_;
  std::deque<Waiting> waiting_;
  Timer timer_;
};

}  // namespace async
