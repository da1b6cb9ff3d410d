// The Ring of lab 08 with a continuation for each operation: start it now, and this runs when it
// has completed.
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "async/check.hpp"
#include "async/uring.hpp"
#include "ring.hpp"

namespace async {

/// A time as the kernel wants it. It reads it when the operation starts, not when it is prepared.
inline __kernel_timespec duration(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
}

/// An operation that the kernel works on. It must stay in place until `then` has been called: the
/// completion finds it by its address.
struct Operation {
  std::function<void(int result)> then;  // empty: nothing is in flight
};

class Operations {
 public:
  /// Starts an operation with the next complete_batch().
  ///
  /// prepare   fills in the submission: one of the functions io_uring_prep_...(3)
  /// then      gets the result: as the system call's, but -errno for an error
  template <typename Prepare, typename Then>
  void start(Operation& operation, Prepare prepare, Then then) {
    io_uring_sqe* sqe = ring_.next();
    prepare(sqe);
    io_uring_sqe_set_data(sqe, &operation);  // last: before liburing 2.2 prepare cleared it
    operation.then = std::move(then);
  }

  /// Asks for an early end: with -ECANCELED, unless it was faster. It completes in any case.
  void cancel(Operation& operation) {
    io_uring_sqe* sqe = ring_.next();
    io_uring_prep_cancel(sqe, &operation, 0);
    io_uring_sqe_set_data(sqe, nullptr);  // its own completion tells nothing new
  }

  /// Starts what is prepared and waits, in one system call; then handles all that has completed.
  void complete_batch() {
    const int result = io_uring_submit_and_wait(ring_.get(), 1);
    if (result != -EINTR && result != -EAGAIN && result != -EBUSY) {
      check_result("io_uring_submit_and_wait", result);
    }
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(ring_.get(), head, cqe) {
      auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(cqe));
      if (operation) std::exchange(operation->then, nullptr)(cqe->res);
      ++count;
    }
    io_uring_cq_advance(ring_.get(), count);
  }

 private:
  Ring ring_;
};

}  // namespace async
