// Processes that an experiment watches: started, waited for until they sleep, ended.
#pragma once

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/check.hpp"
#include "proc.hpp"

namespace experiment {

/// Children of this process. They end with this object, or with its process.
class Family {
 public:
  Family() = default;
  Family(const Family&) = delete;
  ~Family() {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
  }

  /// Starts a child that does `work`, and ends if that returns or throws.
  template <typename Work>
  void start(Work work) {
    const pid_t parent = ::getpid();
    const pid_t child = async::check("fork", ::fork());
    if (child > 0) {
      pids_.push_back(child);
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    try {
      work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "error: %s\n", error.what());
    }
    ::_exit(1);
  }

  /// Waits until each of them is asleep. Who has been woken is runnable at once, even before it
  /// gets a CPU: so this is over when all wake-ups so far have been used up.
  ///
  /// throws    std::runtime_error: one of them does not fall asleep within ten seconds.
  void wait_until_asleep() const {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    for (const pid_t pid : pids_) {
      while (text_in(status(pid), "State").front() != 'S') {
        if (std::chrono::steady_clock::now() > limit)
          throw std::runtime_error{"a process does not fall asleep"};
        ::sched_yield();
      }
    }
  }

  /// How often they have gone to sleep so far, all of them together.
  double voluntary_switches() const {
    double sum = 0;
    for (const pid_t pid : pids_) sum += number_in(status(pid), "voluntary_ctxt_switches");
    return sum;
  }

 private:
  static std::string status(pid_t pid) { return "/proc/" + std::to_string(pid) + "/status"; }

  std::vector<pid_t> pids_;
};

}  // namespace experiment
