// What the class EventLoop of lab 05 promises, seen from inside: one fact a test.
#include "event_loop.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "../ended.hpp"

namespace {

using namespace std::chrono_literals;
using async::FileDescriptor;

/// A descriptor that is always ready to be written, and ready to be read while it is above 0.
FileDescriptor counter(unsigned value) { return FileDescriptor{::eventfd(value, EFD_NONBLOCK)}; }

/// Ends a test that hangs; SIGALRM tells the harness why.
struct EventLoop : testing::Test {
  EventLoop() { ::alarm(5); }
  ~EventLoop() override { ::alarm(0); }
  ::EventLoop loop;
};

/// Waits until a thread sleeps in epoll_wait(); gives up on one that never does.
void await_sleep(long thread) {
  const auto until = std::chrono::steady_clock::now() + 2s;
  while (std::chrono::steady_clock::now() < until) {
    std::ifstream told{"/proc/self/task/" + std::to_string(thread) + "/syscall"};
    long call = -1;  // stays: the thread runs
    told >> call;
#ifdef SYS_epoll_wait
    if (told && call == SYS_epoll_wait) return;
#endif
    if (told && (call == SYS_epoll_pwait || call == SYS_epoll_pwait2)) return;
    std::this_thread::yield();
  }
}

/// What errno a failing call reports; and the call's name must stand in the message.
template <typename Call>
int error_of(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    EXPECT_TRUE(std::string{error.what()}.starts_with("epoll_ctl"))
        << "saw    \"" << error.what() << "\"\nmeans  the error does not name epoll_ctl, the call";
    return error.code().value();
  }
  return 0;
}

// 05.1, 3 points: run_once() runs the callback of every ready descriptor, with its events, and no
// other.
TEST_F(EventLoop, runs_the_callback_of_a_ready_descriptor) {
  const FileDescriptor ready = counter(1);
  const FileDescriptor silent = counter(0);
  std::uint32_t seen = 0;
  int wrong = 0;
  loop.add(ready.get(), EPOLLIN, [&](std::uint32_t events) { seen = events; });
  loop.add(silent.get(), EPOLLIN, [&](std::uint32_t) { ++wrong; });
  const int count = loop.run_once(0ms);
  EXPECT_EQ(seen, std::uint32_t{EPOLLIN})
      << "saw    a readable descriptor, and its callback given the events " << seen
      << "\nmeans  run_once() did not run it, or did not hand on what epoll_wait() reported";
  EXPECT_EQ(wrong, 0) << "means  the callback of a descriptor that was not ready was run";
  EXPECT_EQ(count, 1) << "means  run_once() does not return how many were ready";
}

// 05.1, 3 points: After modify() a descriptor is watched for the new events only.
TEST_F(EventLoop, modify_changes_the_interest) {
  const FileDescriptor fd = counter(1);
  std::uint32_t seen = 0;
  loop.add(fd.get(), EPOLLIN, [&](std::uint32_t events) { seen = events; });
  loop.modify(fd.get(), EPOLLOUT);
  loop.run_once(0ms);
  EXPECT_EQ(seen, std::uint32_t{EPOLLOUT})
      << "saw    events " << seen << " after modify() to EPOLLOUT (" << EPOLLOUT
      << ")\nmeans  the interest is the old one, or the event does not carry its descriptor";
  seen = 0;
  loop.modify(fd.get(), 0);
  EXPECT_EQ(loop.run_once(0ms), 0) << "means  with interest 0 it is still reported";
}

// 05.1, 3 points: A removed descriptor is not called again, not even for an event of this batch.
TEST_F(EventLoop, a_removed_descriptor_is_never_called_again) {
  const FileDescriptor first = counter(1);
  const FileDescriptor second = counter(1);
  int calls = 0;
  const auto remove_other = [&](const FileDescriptor& other) {
    if (++calls == 1) loop.remove(other.get());
  };
  loop.add(first.get(), EPOLLIN, [&](std::uint32_t) { remove_other(second); });
  loop.add(second.get(), EPOLLIN, [&](std::uint32_t) { remove_other(first); });
  loop.run_once(0ms);  // both are ready, in one batch: who comes first removes the other
  EXPECT_EQ(calls, 1) << "saw    " << calls << " callbacks run; the first one had removed the other"
                      << "\nmeans  an event that is already in the batch reaches who is removed";
  loop.run_once(0ms);
  EXPECT_EQ(calls, 2) << "saw    " << calls << " calls after a second round, where one was ready"
                      << "\nmeans  the wrong one was removed, or it was not removed for good";
}

// 05.1, 2 points: A number that is closed and reused within a batch does not inherit its old event.
TEST_F(EventLoop, an_old_event_does_not_reach_a_new_descriptor_with_the_same_number) {
  FileDescriptor fds[] = {counter(1), counter(1)};
  int strangers = 0;
  const auto replace = [&](FileDescriptor& other) {
    const int number = other.get();
    loop.remove(number);
    other = {};
    other = counter(0);  // the lowest free number: the same again; and it is not readable
    ASSERT_EQ(other.get(), number);
    loop.add(number, EPOLLIN, [&](std::uint32_t) { ++strangers; });
  };
  loop.add(fds[0].get(), EPOLLIN, [&](std::uint32_t) { replace(fds[1]); });
  loop.add(fds[1].get(), EPOLLIN, [&](std::uint32_t) { replace(fds[0]); });
  loop.run_once(0ms);
  EXPECT_EQ(strangers, 0) << "saw    the callback of a new descriptor run, which has no event\n"
                          << "means  remove() leaves the old one's event in the batch under way";
}

// 05.1, 2 points: A callback may remove its own descriptor and go on running.
TEST_F(EventLoop, a_callback_may_remove_itself) {
  const FileDescriptor fd = counter(1);
  const std::string text(100, 'x');
  std::string copy;
  loop.add(fd.get(), EPOLLIN, [&, text](std::uint32_t) {
    loop.remove(fd.get());
    copy = text;  // a part of the callback: it must still be there
  });
  loop.run_once(0ms);
  EXPECT_EQ(copy, text) << "means  the callback was destroyed while it ran";
  EXPECT_EQ(loop.run_once(0ms), 0) << "means  it is still registered";
}

// 05.1, 2 points: A callback may add other descriptors, as many as it likes.
TEST_F(EventLoop, a_callback_may_add_another) {
  const FileDescriptor fd = counter(1);
  const std::string text(100, 'x');
  std::vector<FileDescriptor> others;
  std::string copy;
  int calls = 0;
  loop.add(fd.get(), EPOLLIN, [&, text](std::uint32_t) {
    loop.remove(fd.get());
    for (int i = 0; i < 100; ++i) {  // many, so that what holds the callbacks has to grow
      others.push_back(counter(1));
      loop.add(others.back().get(), EPOLLIN, [&](std::uint32_t) { ++calls; });
    }
    copy = text;
  });
  loop.run_once(0ms);
  EXPECT_EQ(copy, text) << "means  the callback was moved or destroyed while it ran";
  for (int round = 0; round < 100 && calls < 100; ++round) loop.run_once(0ms);
  EXPECT_GE(calls, 100) << "means  those that were added in a callback are not served";
}

// 05.1, 3 points: stop() from another thread ends a run() that sleeps.
TEST_F(EventLoop, stop_wakes_a_loop_that_sleeps) {
  const FileDescriptor ready = counter(1);
  const long looper = ::syscall(SYS_gettid);
  std::thread stopper;
  loop.add(ready.get(), EPOLLIN, [&](std::uint32_t) {
    loop.remove(ready.get());
    stopper = std::thread{[this, looper] {
      await_sleep(looper);
      loop.stop();
    }};
  });
  loop.run();  // if stop() does not wake it, the watchdog ends the test
  stopper.join();
  SUCCEED();
}

// 05.1, 2 points: A stop() that came before run() ends it; one stop() ends one run().
TEST_F(EventLoop, stop_before_run_is_not_lost) {
  loop.stop();
  loop.run();  // must return: nobody else will stop it
  const FileDescriptor ready = counter(1);
  int calls = 0;
  loop.add(ready.get(), EPOLLIN, [&](std::uint32_t) {
    if (++calls == 3) loop.stop();
  });
  loop.run();
  EXPECT_GE(calls, 3) << "saw    " << calls << " calls\nmeans  one stop() ended two run()s";
}

// 05.1, 1 point: run_once() waits as long as it was told, and 0 only looks.
TEST_F(EventLoop, run_once_returns_after_its_timeout) {
  EXPECT_EQ(loop.run_once(0ms), 0) << "means  nothing is ready, and 0 polls";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(loop.run_once(20ms), 0);
  const auto waited = std::chrono::steady_clock::now() - start;
  EXPECT_GE(waited, 20ms) << "means  it did not wait for the time that it was given";
}

// 05.1, 2 points: A failing epoll_ctl() throws std::system_error with its errno and its name.
TEST_F(EventLoop, errors_name_the_call) {
  const FileDescriptor fd = counter(0);
  const auto nothing = [](std::uint32_t) {};
  EXPECT_EQ(error_of([&] { loop.add(-1, EPOLLIN, nothing); }), EBADF)
      << "means  add() of a descriptor that is not open must throw what epoll_ctl() says";
  loop.add(fd.get(), EPOLLIN, nothing);
  EXPECT_EQ(error_of([&] { loop.add(fd.get(), EPOLLIN, nothing); }), EEXIST)
      << "means  add() of a descriptor for the second time must throw what epoll_ctl() says";
  loop.remove(fd.get());
  EXPECT_EQ(error_of([&] { loop.modify(fd.get(), EPOLLIN); }), ENOENT)
      << "means  modify() of a descriptor that was removed must throw what epoll_ctl() says";
}

// 05.1, 2 points: A signal during the wait (EINTR) is not a failure.
TEST_F(EventLoop, survives_a_signal) {
  struct sigaction action {};
  struct sigaction old {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGVTALRM, &action, &old);
  std::thread sender;
  const pthread_t self = ::pthread_self();
  std::atomic<bool> done = false;
  sender = std::thread{[&] {  // again and again: one could come before epoll_wait() sleeps
    while (!done) ::pthread_kill(self, SIGVTALRM), std::this_thread::yield();
  }};
  EXPECT_NO_THROW(loop.run_once(5s)) << "saw    an exception when a signal came during the wait\n"
                                     << "means  EINTR from epoll_wait() is taken for a failure";
  done = true;
  sender.join();
  ::sigaction(SIGVTALRM, &old, nullptr);
}

}  // namespace
