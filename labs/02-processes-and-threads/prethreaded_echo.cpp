// Lab 02: a pool of threads. One thread accepts, N serve, and a queue between them holds N more.
//
// Try it: start `prethreaded_echo 12345 --workers 2` and three `nc 127.0.0.1 12345`. The third one
// is answered when one of the others has gone. `ls /proc/PID/task` always shows three threads.

#include <cstdio>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "bounded_queue.hpp"
#include "echo.hpp"

using async::FileDescriptor;

/// Threads that serve the clients that they are given.
class Pool {
 public:
  /// workers   as many clients are served at once, and as many may wait in the queue.
  explicit Pool(unsigned workers) : waiting_{workers} {
    try {
      start(workers);
    } catch (const std::system_error& error) {
      std::fprintf(stderr, "%zu of %u threads: %s\n", workers_.size(), workers, error.what());
      if (workers_.empty()) throw;
    }
  }
  Pool(const Pool&) = delete;
  ~Pool() { waiting_.close(); }  // then the threads are joined: those served may finish

  /// Hands a client over to the pool. Waits while too many wait already.
  void serve(FileDescriptor client) {
    // TODO(02.5): put the client into the queue.
    //   While put() waits nobody accepts: further clients wait in the kernel's queue, where they
    //   cost this process nothing, and those whom it has no room for wait in connect().
    //   man: listen(2) "backlog"   check: a_crowd_waits_in_the_kernel
    async::todo("02.5");
  }

 private:
  void start(unsigned workers) {
    // TODO(02.5): make `workers` threads in `workers_`, each of which runs work().
    //   man: pthread_create(3)   check: serves_as_many_as_it_has_threads
    async::todo("02.5");
  }

  /// Serves whoever is next, until the queue is closed.
  void work() {
    // TODO(02.5): take a client from the queue, echo it, close it; and again.
    //   The client is closed where its owner goes out of scope: before you take the next.
    //   man: close(2)   check: the_next_one_waits_for_a_thread
    async::todo("02.5");
  }

  BoundedQueue<FileDescriptor> waiting_;
  std::vector<std::jthread> workers_;  // the last member: joined before the queue is destroyed
};

/// Serves for ever.
void serve(FileDescriptor listener, const async::Arguments& arguments) {
  Pool pool{arguments.workers};
  while (true) pool.serve(next_client(listener));
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve, {.workers = true}); }
