// The time in which everything here is counted.
#pragma once

#include <chrono>

namespace load {

/// CLOCK_MONOTONIC, which nobody sets: one reading costs no system call, vdso(7).
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;  // nanoseconds

inline Duration seconds(double number) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{number});
}

inline double in_seconds(Duration duration) {
  return std::chrono::duration<double>{duration}.count();
}

}  // namespace load
