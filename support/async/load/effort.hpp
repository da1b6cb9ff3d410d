// What the generator itself costs, and whether it was what limited the run.
#pragma once

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>

#include "async/check.hpp"
#include "clock.hpp"

namespace load {

/// A reading of this thread's clocks; the difference of two tells of the time between.
struct Effort {
  double ran = 0;            // seconds on a CPU
  double queued = 0;         // seconds ready to run, waiting for a CPU
  double wall = 0;           // seconds
  std::uint64_t slept = 0;   // times that it had nothing to do, and went to sleep
  std::uint64_t looked = 0;  // times that it asked the kernel what had happened

  /// source    /proc/PID/schedstat: run time and waiting time in nanoseconds (kernel documentation,
  ///           scheduler/sched-stats); getrusage(2), ru_nvcsw.
  static Effort now(std::uint64_t looked) {
    Effort effort{.looked = looked};
    std::ifstream{"/proc/thread-self/schedstat"} >> effort.ran >> effort.queued;
    effort.ran /= 1e9;
    effort.queued /= 1e9;
    effort.wall = in_seconds(Clock::now().time_since_epoch());
    rusage usage{};
    async::check("getrusage", ::getrusage(RUSAGE_THREAD, &usage));
    effort.slept = static_cast<std::uint64_t>(usage.ru_nvcsw);
    return effort;
  }

  Effort since(const Effort& before) const {
    return {ran - before.ran, queued - before.queued, wall - before.wall, slept - before.slept,
            looked - before.looked};
  }

  /// The part of the time that it could have run in which it did: 1 if it never slept.
  double busy() const { return wall > queued ? ran / (wall - queued) : 1; }

  /// The part of its looks after which it slept, because nothing had happened yet.
  double in_vain() const { return looked > 0 ? double(slept) / double(looked) : 0; }

  /// The part of the time in which others had its CPU.
  double waited() const { return wall > 0 ? queued / wall : 0; }

  /// It was the bottleneck if it was always busy and always found work waiting. The second part is
  /// for a CPU that it shares with the server: there it never sleeps long, but it sleeps often.
  bool saturated() const { return wall > 0 && busy() > 0.9 && in_vain() < 0.1; }
};

}  // namespace load
