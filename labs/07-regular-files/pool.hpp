// Lab 07: a few threads for what would block the event loop, and a descriptor that tells it when
// something has been done.
#pragma once

#include <sys/eventfd.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

/// Runs jobs in a fixed number of threads, and brings each back to the thread that submitted it.
///
/// A job is two functions: `work` runs in a thread of the pool, `done` afterwards in the thread
/// that calls collect(). What both use belongs to the job: whoever submitted it may have gone.
/// submit() and collect() belong to one thread, that of the event loop.
class Pool {
 public:
  using Function = std::function<void()>;

  /// threads   how many; jobs beyond them wait in a queue, first come, first served
  explicit Pool(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
      threads_.emplace_back(
          [this](const std::stop_token& stop) { async::written([&] { work_until(stop); }); });
    }
  }
  Pool(const Pool&) = delete;

  /// Waits for the jobs under way (std::jthread does), and drops those that still wait.
  ~Pool() {
    for (std::jthread& thread : threads_) thread.request_stop();
  }

  /// Has `work` run in a thread of the pool, soon, and never waits for it.
  ///
  /// work      must not throw: there is nobody in its thread to catch it
  void submit(Function work, Function done) {
    // TODO(07.3): put the job at the end of the queue, and wake one thread.
    //   man: pthread_cond_signal(3)   check: runs_a_job_in_another_thread
    async::todo("07.3");
  }

  /// Readable while there are jobs to collect: a descriptor for an event loop.
  int fd() const { return finished_event_.get(); }

  /// Runs `done` of every job that has been done since, in this thread. Never waits.
  void collect() {
    // TODO(07.4): reset the eventfd, take the list of finished jobs, and run `done` of each.
    //   Reset first, then take: a job that ends in between is told again. A `done` may submit the
    //   next job, so run it without the mutex.
    //   man: eventfd(2)   check: collects_what_has_been_done
    async::todo("07.4");
  }

 private:
  struct Job {
    Function work, done;
  };

  /// What each thread does, until the pool ends.
  void work_until(const std::stop_token& stop) {
    // TODO(07.3): take one job after the other from the front of the queue; run it, then finish it.
    //   wait(lock, stop, condition) sleeps until there is a job, or the pool ends: false then, if
    //   there is none. Jobs that still wait when it ends are not run. Nobody else can take a job
    //   while you hold the mutex: let go of it before you run one.
    //   man: pthread_cond_wait(3)   check: as_many_jobs_at_once_as_threads
    async::todo("07.3");
  }

  /// Leaves `done` for collect(). Runs in a thread of the pool.
  void finish(Function done) {
    // TODO(07.4): put it into the list of finished jobs, and make the eventfd readable.
    //   man: eventfd(2)   check: collects_what_has_been_done
    async::todo("07.4");
  }

  async::FileDescriptor finished_event_{
      async::check("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
  std::mutex mutex_;  // guards the next two
  std::deque<Job> waiting_;
  std::vector<Function> finished_;
  std::condition_variable_any changed_;
  std::vector<std::jthread> threads_;  // the last member: they end before what they use
};
