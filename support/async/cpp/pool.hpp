// A few threads that compute for a loop, which must not: requests go in, replies come back, and an
// eventfd tells the loop so.
#pragma once

#include <sys/eventfd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

namespace async {

class Pool {
 public:
  struct Job {
    std::uint64_t client;  // who asked: the loop's business
    std::string text;      // the request; then the reply
  };
  using Compute = std::function<std::string(std::string_view)>;

  /// workers   0 for as many as there are CPUs. More would only take turns on them.
  Pool(unsigned workers, Compute compute) : compute_{std::move(compute)} {
    if (workers == 0) workers = std::max(1U, std::thread::hardware_concurrency());
    while (threads_.size() < workers) threads_.emplace_back([this] { work(); });
  }
  Pool(const Pool&) = delete;

  /// Forgets what has not begun, and waits for what has.
  ~Pool() {
    {
      const std::lock_guard lock{mutex_};
      ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// Any number of requests may wait: as many as the loop has clients.
  void submit(std::uint64_t client, std::string request) {
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back({client, std::move(request)});
    }
    changed_.notify_one();
  }

  /// Readable when there are replies. Reading it (8 bytes) is left to the loop: it is what waits.
  int fd() const { return done_.get(); }

  /// Takes the replies that are there.
  std::vector<Job> replies() {
    const std::lock_guard lock{mutex_};
    return std::exchange(replies_, {});
  }

 private:
  void work() {
    std::unique_lock lock{mutex_};
    while (true) {
      changed_.wait(lock, [this] { return ending_ || !requests_.empty(); });
      if (ending_) return;
      Job job = std::move(requests_.front());
      requests_.pop_front();
      lock.unlock();
      job.text = compute_(job.text);
      lock.lock();
      replies_.push_back(std::move(job));
      ::eventfd_write(done_.get(), 1);
    }
  }

  Compute compute_;
  const FileDescriptor done_{check("eventfd", ::eventfd(0, EFD_CLOEXEC))};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> requests_;
  std::vector<Job> replies_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace async
