// Every suite includes this after the header that it judges: it tells the grader that the test came to
// its end, by a word that stands on standard input and is read only then.
//
// The code that is judged runs in the same process, so the exit status alone proves nothing: exit(0) in
// a constructor of a static object would pass. The word keeps out who ends the process, by accident or
// lightly. It does not keep out who reads the word himself and prints it, or changes the test in memory:
// against that only a look at the files helps, and the checks of the whole program from outside.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace ended {

class Listener : public testing::EmptyTestEventListener {
  void OnTestProgramEnd(const testing::UnitTest& all) override {
    if (!all.Passed() || all.successful_test_count() < 1) return;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    std::array<char, 64> word{};
    if (::poll(&input, 1, 0) != 1) return;  // a terminal: somebody runs it by hand
    const ssize_t size = ::read(STDIN_FILENO, word.data(), word.size());
    if (size > 0) std::printf("\nended %.*s\n", static_cast<int>(size), word.data());
  }
};

inline const bool listens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new Listener);
  return true;
}();

}  // namespace ended
