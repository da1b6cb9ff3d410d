// Lab 07: one thread sees that another sleeps in a system call: an event instead of a guessed time.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stop_token>
#include <string>
#include <thread>

/// The thread that made it, as others see it.
///
/// source    proc(5), /proc/PID/task/TID/syscall: the number of the call that the thread is in, or
///           the word `running`
class Sleeper {
 public:
  /// Waits until it sleeps in `call`, at most two seconds; less if somebody asks to stop.
  void await_sleep_in(long call, const std::stop_token& stop) const {
    using namespace std::chrono_literals;
    const auto until = std::chrono::steady_clock::now() + 2s;
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
      std::ifstream file{place_};
      long number = -1;
      if (file >> number && number == call) return;
      std::this_thread::sleep_for(1ms);
    }
  }

 private:
  std::string place_ = "/proc/self/task/" + std::to_string(::gettid()) + "/syscall";
};
