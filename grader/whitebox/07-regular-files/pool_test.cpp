// What the class Pool of lab 07 promises, seen from inside: one fact a test.
#include "pool.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "../ended.hpp"

namespace {

/// Ends a test that hangs; SIGALRM tells the harness why.
struct PoolTest : testing::Test {
  PoolTest() { ::alarm(5); }
  ~PoolTest() override { ::alarm(0); }
};

void nothing() {}

/// Waits for the pool's descriptor and collects, until `condition` is true.
template <typename Condition>
void collect_until(Pool& pool, Condition condition) {
  while (!condition()) {
    pollfd event{.fd = pool.fd(), .events = POLLIN, .revents = 0};
    ::poll(&event, 1, -1);
    pool.collect();
  }
}

// 07.3, 4 points: A job runs, in another thread than the one that submitted it.
TEST_F(PoolTest, runs_a_job_in_another_thread) {
  std::thread::id worker;
  std::binary_semaphore ran{0};
  Pool pool{2};
  for (int i = 0; i < 200; ++i) {  // after the first, the threads sleep: each has to be woken
    pool.submit(
        [&] {
          worker = std::this_thread::get_id();
          ran.release();
        },
        nothing);
    ran.acquire();
  }
  EXPECT_NE(worker, std::this_thread::get_id())
      << "saw    the job ran in the thread that submitted it\nmeans  the loop would wait for it";
}

// 07.3, 4 points: As many jobs run at once as there are threads, and no more.
TEST_F(PoolTest, as_many_jobs_at_once_as_threads) {
  constexpr int threads = 3, jobs = 12;
  std::atomic<int> now = 0, most = 0;
  std::latch together{threads}, ended{jobs};
  Pool pool{threads};
  for (int i = 0; i < jobs; ++i) {
    pool.submit(
        [&, i] {
          const int running = ++now;
          for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
          }
          if (i < threads) together.arrive_and_wait();  // ends only if all three run at once
          --now;
          ended.count_down();
        },
        nothing);
  }
  ended.wait();
  EXPECT_EQ(most, threads) << "saw    " << most << " jobs at once in a pool of " << threads
                           << " threads\nmeans  the threads of a pool are fixed in number";
}

// 07.3, 4 points: Jobs are begun in the order in which they were submitted.
TEST_F(PoolTest, first_come_first_served) {
  std::vector<int> order;
  std::latch ended{20};
  std::binary_semaphore begin{0};
  Pool pool{1};
  pool.submit([&] { begin.acquire(); }, nothing);  // all wait in the queue behind this one
  for (int i = 0; i < 20; ++i) {
    pool.submit(
        [&, i] {
          order.push_back(i);
          ended.count_down();
        },
        nothing);
  }
  begin.release();
  ended.wait();
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(order[static_cast<std::size_t>(i)], i)
        << "saw    job " << order[static_cast<std::size_t>(i)] << " began as number " << i
        << "\nmeans  the queue is served from the wrong end: who came first waits longest";
  }
}

// 07.3, 3 points: The end of a pool waits for the job under way, and drops those that wait.
TEST_F(PoolTest, its_end_waits_for_the_job_under_way) {
  std::atomic<int> begun = 0, ended = 0;
  std::latch first{1};
  {
    Pool pool{1};
    for (int i = 0; i < 100; ++i) {
      pool.submit(
          [&] {
            ++begun;
            if (begun == 1) first.count_down();
            std::this_thread::sleep_for(std::chrono::milliseconds{40});
            ++ended;
          },
          nothing);
    }
    first.wait();
  }
  EXPECT_EQ(begun, ended) << "saw    a job was cut off\nmeans  a thread must be joined";
  EXPECT_LT(begun, 100) << "saw    all 100 jobs that waited were run at the end\n"
                           "means  the end of a pool must not be as far as its queue is long";
}

// 07.4, 2 points: `done` runs in the thread that collects, after `work`, without the mutex.
TEST_F(PoolTest, collects_what_has_been_done) {
  std::atomic<bool> worked = false;
  bool in_order = false, again = false;
  std::thread::id where;
  Pool pool{2};
  pool.submit([&] { worked = true; },
              [&] {
                in_order = worked;
                where = std::this_thread::get_id();
                pool.submit(nothing, [&] { again = true; });  // hangs if the mutex is still held
              });
  collect_until(pool, [&] { return again; });
  EXPECT_TRUE(in_order) << "saw    done ran before its work\nmeans  a job is finished behind it";
  EXPECT_EQ(where, std::this_thread::get_id())
      << "saw    done ran in a thread of the pool\nmeans  it belongs to the loop's thread";
}

// 07.4, 2 points: The descriptor is readable exactly while there is something to collect.
TEST_F(PoolTest, its_descriptor_tells_when_to_collect) {
  const auto readable = [](const Pool& pool, int milliseconds) {
    pollfd event{.fd = pool.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&event, 1, milliseconds) == 1;
  };
  int done = 0;
  std::latch in_jobs{3}, looked{1};
  Pool pool{2};
  EXPECT_FALSE(readable(pool, 0)) << "saw    readable before any job\nmeans  the loop would spin";
  for (int i = 0; i < 50; ++i) pool.submit(nothing, [&] { ++done; });
  collect_until(pool, [&] { return done == 50; });
  for (int i = 0; i < 2; ++i) {
    pool.submit([&] { in_jobs.arrive_and_wait(), looked.wait(); }, [&] { ++done; });
  }
  in_jobs.arrive_and_wait();  // both threads have told of all before: one may do so after collect()
  pool.collect();
  EXPECT_FALSE(readable(pool, 0))
      << "saw    still readable when all was collected\nmeans  the eventfd is not read: spinning";
  looked.count_down();
  EXPECT_TRUE(readable(pool, 4000)) << "saw    not readable although a job is done\n"
                                       "means  nobody writes to the eventfd";
  collect_until(pool, [&] { return done == 52; });
}

}  // namespace
