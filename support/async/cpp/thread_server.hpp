// The thread model: a thread for every client. They run on all CPUs and share all memory.
#pragma once

#include <sys/eventfd.h>

#include <chrono>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "blocking.hpp"

namespace async {

class ThreadServer : public BlockingServer {
 public:
  using BlockingServer::BlockingServer;
  ~ThreadServer() override {
    for (std::thread& thread : threads_) thread.join();
  }

  void serve(FileDescriptor listener) override {
    make_nonblocking(listener.get());
    const int end = end_.get();
    while (wait_for_client(listener, {&end, 1})) {
      join_ended();
      if (FileDescriptor client = next_client(listener)) start_thread(std::move(client));
    }
    listener = {};
    finish();
  }

 private:
  using Threads = std::list<std::thread>;  // elements stay where they are

  void start_thread(FileDescriptor client) {
    const auto self = threads_.emplace(threads_.end());
    try {
      *self = std::thread{[this, self, client = std::move(client)]() mutable {
        converse(std::move(client));
        report_end(self);
      }};
    } catch (const std::system_error&) {  // EAGAIN: too many threads. This client is dropped.
      threads_.erase(self);
      pause();
    }
  }

  /// A thread cannot join itself: it asks the serving one, and wakes it.
  void report_end(Threads::iterator self) {
    {
      const std::lock_guard lock{mutex_};
      ended_.push_back(self);
    }
    ::eventfd_write(end_.get(), 1);
  }

  void join_ended() {
    eventfd_t count;
    ::eventfd_read(end_.get(), &count);  // EAGAIN: nobody has ended
    const std::lock_guard lock{mutex_};
    for (const auto thread : ended_) {
      thread->join();
      threads_.erase(thread);
    }
    ended_.clear();
  }

  /// The threads have seen stop() too. Who computes longer than `grace` is left to the destructor.
  void finish() {
    const auto end = std::chrono::steady_clock::now() + grace;
    for (join_ended(); !threads_.empty(); join_ended()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      if (left <= 0ms) return;
      pollfd watched{end_.get(), POLLIN, 0};
      ::poll(&watched, 1, static_cast<int>(left.count()));
    }
  }

  const FileDescriptor end_{check("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
  Threads threads_;  // only the serving thread changes it
  std::mutex mutex_;
  std::vector<Threads::iterator> ended_;
};

}  // namespace async
