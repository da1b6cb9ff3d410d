// 10: a class whose test ends, with status 0 and good words, before the first test
// tries: be taken for one that passed
// lab: 05 event_loop.hpp
// checks: 05.1
// expected: EXITED, 0 points, says "ended with status 0 before the test was over"
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>

#include "async/file_descriptor.hpp"

class EventLoop {
 public:
  using Callback = std::function<void(std::uint32_t)>;
  void add(int, std::uint32_t, Callback) {}
  void modify(int, std::uint32_t) {}
  void remove(int) {}
  int run_once(std::chrono::milliseconds = std::chrono::milliseconds{-1}) { return 1; }
  void run() {}
  void stop() {}
};

inline const bool forged = [] {
  std::puts("[==========] 1 test from 1 test suite ran.\n[  PASSED  ] 1 test.\n\nended 0");
  std::fflush(nullptr);
  _exit(0);
  return true;
}();
