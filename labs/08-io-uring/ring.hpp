// Lab 08: the ring, two queues shared with the kernel: operations to start, and completed ones.
#pragma once

#include <cerrno>

#include "async/check.hpp"
#include "async/todo.hpp"
#include "async/uring.hpp"

/// An io_uring: two queues shared with the kernel, of operations to start and of completed ones.
class Ring {
 public:
  Ring() {
    // TODO(08.1): set the ring up with the best flags that this kernel knows.
    //   An unknown flag is -EINVAL: try the next ones; for any other error, or when none is left,
    //   async::no_ring(). DEFER_TASKRUN (6.1) and COOP_TASKRUN (5.19) complete operations when you
    //   wait, instead of interrupting you. Multishot operations need many places for completions.
    //   man: io_uring_setup(2), io_uring_queue_init_params(3)   check: accepts_through_the_ring
    async::todo("08.1");
  }
  Ring(const Ring&) = delete;
  ~Ring() { io_uring_queue_exit(&ring_); }

  io_uring* get() { return &ring_; }

  /// The kernel has multishot operations and buffer rings: they came before or with this flag.
  bool has_multishot() const { return ring_.flags & IORING_SETUP_SINGLE_ISSUER; }

  /// The next free place in the queue of operations to start.
  io_uring_sqe* next() {
    if (io_uring_sqe* sqe = io_uring_get_sqe(&ring_)) return sqe;  // the usual case
    // TODO(08.5): the queue is full: submit what is in it, and there is room.
    //   One batch of completions can start more operations than the queue holds.
    //   man: io_uring_get_sqe(3) "RETURN VALUE"   check: many_clients_at_once
    async::todo("08.5");
  }

 private:
  static constexpr unsigned entries = 1024;
  io_uring ring_;
};
