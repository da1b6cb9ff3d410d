// Lab 06: who has been silent for too long? One timer for any number of connections.
#pragma once

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "async/timer.hpp"
#include "async/todo.hpp"
#include "event_loop.hpp"

namespace http {

/// Tells of each descriptor whose time is up. All get the same time, so the one that began first
/// is always the first to expire: a list in that order is enough, and every operation is O(1).
class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  /// expired   is called with a descriptor whose time is up; its time then begins anew.
  Deadlines(EventLoop& loop, Clock::duration limit, std::function<void(int fd)> expired)
      : limit_{limit}, expired_{std::move(expired)} {
    loop.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) { on_timer(); });
  }

  /// The time of `fd` begins, or begins anew. No system call, unless nobody had been waited for.
  void begin(int fd) {
    // TODO(06.4): move the entry of `fd`, or a new one, to the back of the list, with the time now.
    //   splice() moves an element without copying it. The timer is started for the first one only:
    //   when it rings too early, on_timer() starts it again.
    //   man: timerfd_create(2)   check: a_silent_client_is_closed
    async::todo("06.4");
  }

  /// Forgets `fd`.
  void end(int fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size() || !entries_[index]) return;
    waiting_.erase(*entries_[index]);
    entries_[index].reset();
  }

 private:
  static constexpr Clock::duration grain = std::chrono::milliseconds{250};  // our choice

  struct Entry {
    int fd;
    Clock::time_point begun;
  };

  void on_timer() {
    // TODO(06.4): report those whose time is up, from the front; then start the timer for the next.
    //   The callback may end() any of them. Nobody left: no timer, and the server sleeps. Not less
    //   than `grain` ahead: a thousand who came one after the other need not ring one by one.
    //   man: timerfd_settime(2)   check: a_silent_client_is_closed
    async::todo("06.4");
  }

  Clock::duration limit_;
  std::function<void(int fd)> expired_;
  async::Timer timer_;
  bool running_ = false;
  std::list<Entry> waiting_;                                        // the longest first
  std::vector<std::optional<std::list<Entry>::iterator>> entries_;  // by descriptor
};

}  // namespace http
