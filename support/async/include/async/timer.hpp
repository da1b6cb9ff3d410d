// A timer that is a descriptor: an event loop waits for it as for a client.
#pragma once

#include <sys/timerfd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

namespace async {

/// Becomes readable when its time has come.
///
/// source    timerfd_create(2). CLOCK_MONOTONIC: nobody sets that clock.
class Timer {
 public:
  Timer()
      : fd_{check("timerfd_create",
                  ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC))} {}

  int fd() const noexcept { return fd_.get(); }

  /// Starts it anew: readable once, after `delay`. A delay of 0 or less means at once.
  void start(std::chrono::nanoseconds delay) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay);
    itimerspec time{};  // all zero would disarm it: at least one nanosecond
    time.it_value.tv_sec = std::max<std::chrono::seconds::rep>(seconds.count(), 0);
    time.it_value.tv_nsec = delay.count() > 0 ? (delay - seconds).count() : 1;
    check("timerfd_settime", ::timerfd_settime(fd_.get(), 0, &time, nullptr));
  }

  /// Makes it unreadable again. Returns whether its time had come.
  bool acknowledge() {
    std::uint64_t times = 0;
    return ::read(fd_.get(), &times, sizeof times) == sizeof times;  // else EAGAIN: not yet
  }

 private:
  FileDescriptor fd_;
};

}  // namespace async
