// What the class BoundedQueue of lab 02 promises, seen from inside: one fact a test.
#include "bounded_queue.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "../ended.hpp"

namespace {

using namespace std::chrono_literals;

/// Ends a test that hangs; SIGALRM tells the harness why.
struct BoundedQueue : testing::Test {
  BoundedQueue() { ::alarm(10); }
  ~BoundedQueue() override { ::alarm(0); }
};

/// A thread of the test that says who it is and whether it has finished.
class Helper {
 public:
  template <typename Work>
  explicit Helper(Work work)
      : thread_{[this, work] {
          id_ = ::syscall(SYS_gettid);
          try {
            work();
          } catch (const async::Todo& missing) {
            async::mention(missing);
            ::_exit(70);
          }
          done_ = true;
        }} {}
  bool done() const { return done_; }
  void join() { thread_.join(); }

  /// Waits until the thread sleeps on a futex, as a mutex and a condition do; or has finished.
  /// Returns whether it sleeps: false as well for one that still runs after two seconds.
  bool falls_asleep() const {
    const auto until = std::chrono::steady_clock::now() + 2s;
    for (int seen = 0; !done_ && std::chrono::steady_clock::now() < until;) {
      std::ifstream told{"/proc/self/task/" + std::to_string(id_) + "/syscall"};
      long call = -1;  // stays: the thread runs
      told >> call;
      seen = told && call == SYS_futex ? seen + 1 : 0;
      if (seen == 20) return true;  // not only on its way through a mutex
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }

 private:
  std::atomic<long> id_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// How often threads of this process have gone to sleep so far.
long sleeps() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nvcsw;
}

// 02.4, 2 points: What is put first is taken first.
TEST_F(BoundedQueue, first_in_first_out) {
  ::BoundedQueue<int> queue{3};
  for (const int number : {1, 2, 3}) EXPECT_TRUE(queue.put(number));
  for (const int number : {1, 2, 3}) {
    EXPECT_EQ(queue.take().value_or(0), number)
        << "means  take() gives what has waited longest, put() adds behind the others";
  }
}

// 02.4, 1 point: Items are moved through the queue: those that cannot be copied pass too.
TEST_F(BoundedQueue, items_are_moved) {
  ::BoundedQueue<std::unique_ptr<int>> queue{1};
  EXPECT_TRUE(queue.put(std::make_unique<int>(7)));
  const auto taken = queue.take();
  ASSERT_TRUE(taken.has_value() && *taken) << "means  the item was lost on its way";
  EXPECT_EQ(**taken, 7);
}

// 02.4, 3 points: While the queue is full put() sleeps; when one is taken it goes on.
TEST_F(BoundedQueue, put_waits_while_full) {
  ::BoundedQueue<int> queue{2};
  queue.put(1);
  queue.put(2);
  Helper third{[&] { queue.put(3); }};
  EXPECT_TRUE(third.falls_asleep())
      << "saw    put() of a third item into a queue of two, and "
      << (third.done() ? "it returned" : "the thread still runs")
      << "\nmeans  put() has to wait while the queue is full, asleep on a condition variable";
  if (third.done()) return third.join();
  EXPECT_EQ(queue.take().value_or(0), 1);
  third.join();  // if nobody wakes it, the watchdog ends the test
  EXPECT_EQ(queue.take().value_or(0), 2) << "means  the item that had waited came too early";
  EXPECT_EQ(queue.take().value_or(0), 3) << "means  the item that had waited is lost";
}

// 02.4, 3 points: While the queue is empty take() sleeps; when one is put it goes on.
TEST_F(BoundedQueue, take_waits_while_empty) {
  ::BoundedQueue<int> queue{2};
  int taken = 0;
  Helper taker{[&] { taken = queue.take().value_or(-1); }};
  EXPECT_TRUE(taker.falls_asleep())
      << "saw    take() from an empty queue, and "
      << (taker.done() ? "it returned" : "the thread still runs")
      << "\nmeans  take() has to wait while the queue is empty, asleep on a condition variable";
  queue.put(7);
  taker.join();
  EXPECT_EQ(taken, 7) << "means  the item that was put did not reach the thread that waited";
}

// 02.4, 2 points: close() wakes all who wait: take() then returns nothing, and put() false.
TEST_F(BoundedQueue, close_wakes_all) {
  ::BoundedQueue<int> empty{1};
  ::BoundedQueue<int> full{1};
  full.put(1);
  std::atomic<int> refused = 0;
  const auto take = [&] { refused += !empty.take().has_value(); };
  const auto put = [&] { refused += !full.put(2); };
  Helper takers[] = {Helper{take}, Helper{take}, Helper{take}};
  Helper putters[] = {Helper{put}, Helper{put}, Helper{put}};
  for (Helper& helper : takers) helper.falls_asleep();
  for (Helper& helper : putters) helper.falls_asleep();
  empty.close();
  full.close();
  for (Helper& helper : takers) helper.join();
  for (Helper& helper : putters) helper.join();
  EXPECT_EQ(refused, 6) << "saw    " << refused << " of 6 threads that waited were told of the end"
                        << "\nmeans  after close() take() returns nothing and put() false";
}

// 02.4, 1 point: A closed queue takes nothing in, and still gives what was put before.
TEST_F(BoundedQueue, what_was_put_is_still_taken_after_close) {
  ::BoundedQueue<int> queue{2};
  queue.put(1);
  queue.close();
  EXPECT_FALSE(queue.put(2)) << "means  put() returns false when the queue is closed";
  EXPECT_EQ(queue.take().value_or(0), 1) << "means  an item that was put before close() is lost";
  EXPECT_FALSE(queue.take().has_value()) << "means  a closed queue that is empty has nothing";
}

// 02.4, 1 point: A thread that waits is not woken before there is something for it.
TEST_F(BoundedQueue, who_waits_is_left_asleep) {
  ::BoundedQueue<int> empty{1};
  ::BoundedQueue<int> full{1};
  full.put(1);
  const auto take = [&] { empty.take(); };
  const auto put = [&] { full.put(2); };
  Helper helpers[] = {Helper{take}, Helper{take}, Helper{put}, Helper{put}};
  bool asleep = true;
  for (Helper& helper : helpers) asleep = helper.falls_asleep() && asleep;
  const long before = sleeps();
  std::this_thread::sleep_for(200ms);
  const long woken = sleeps() - before - 1;  // the one of this thread
  EXPECT_TRUE(asleep) << "means  a thread that waits does not sleep: it asks again and again";
  EXPECT_LT(woken, 20) << "saw    " << woken << " wake-ups in 0.2 s, while four threads waited"
                       << "\nmeans  they look on a timer: wait() needs no time-out";
  empty.close();
  full.close();
  for (Helper& helper : helpers) helper.join();
}

/// Keeps this thread, and those that it starts, on one CPU until the end of the block. Who has been
/// woken by a thread of the block begins when that thread sleeps, SCHED_BATCH in sched(7): so what
/// it does in one go reaches the others as one.
class OnOneCpu {
 public:
  OnOneCpu() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OnOneCpu() { ::sched_setaffinity(0, sizeof before_, &before_); }

  static void yield_to_who_wakes_me() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none);
  }

 private:
  cpu_set_t before_;
};

/// Two threads do `wait` and fall asleep, `wake` is done twice, without a pause: both return.
template <typename Wait, typename Wake>
void two_are_woken(Wait wait, Wake wake) {
  const OnOneCpu here;
  const auto work = [wait] {
    OnOneCpu::yield_to_who_wakes_me();
    wait();
  };
  Helper helpers[] = {Helper{work}, Helper{work}};
  for (Helper& helper : helpers) helper.falls_asleep();
  wake(), wake();
  for (Helper& helper : helpers) helper.join();  // a lost wake-up: the watchdog ends the test
}

// 02.4, 2 points: With many threads on both sides nothing is lost or doubled, and no wake-up is.
TEST_F(BoundedQueue, no_wake_up_is_lost) {
  constexpr int threads = 4;
  constexpr int each = 2'000;
  ::BoundedQueue<int> queue{2};
  const auto put = [&queue] { queue.put(0); };
  const auto take = [&queue] { queue.take(); };
  for (int round = 0; round < 3; ++round) two_are_woken(take, put);
  put(), put();
  for (int round = 0; round < 3; ++round) two_are_woken(put, take);
  take(), take();

  std::atomic<long> sum = 0;
  std::atomic<int> taken = 0;
  std::vector<std::unique_ptr<Helper>> helpers;
  for (int number = 0; number < threads; ++number) {
    helpers.push_back(std::make_unique<Helper>([&] {
      for (int value = 1; value <= each; ++value) queue.put(value);
    }));
    helpers.push_back(std::make_unique<Helper>([&] {
      for (int count = 0; count < each; ++count) {
        sum += queue.take().value_or(0);
        ++taken;
      }
    }));
  }
  for (const auto& helper : helpers) helper->join();  // a lost wake-up: the watchdog ends the test
  EXPECT_EQ(taken, threads * each);
  EXPECT_EQ(sum, threads * (long{each} * (each + 1) / 2))
      << "means  an item was lost or taken twice: two threads changed the queue at the same time";
}

}  // namespace
