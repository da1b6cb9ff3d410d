// A ring of lab 08 with the operations that are under way on it: who owns which bytes, and how they
// all end before it closes. Knows nothing of Python.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "operation.hpp"
#include "ring.hpp"

namespace bindings {

using Clock = std::chrono::steady_clock;

/// Operations of one ring. An operation is queued, then in flight, then finished.
///
/// It belongs to the thread that made it, and not to a child of fork(2): the kernel takes
/// submissions from nobody else (IORING_SETUP_SINGLE_ISSUER).
class Operations {
 public:
  using Token = std::uint64_t;  // counted from 1; never used again
  using Finished = std::pair<Token, Operation>;

  Operations() = default;
  Operations(const Operations&) = delete;
  ~Operations() {
    if (ours()) cancel_all();
    abandon();
  }

  bool ours() const { return ::gettid() == owner_; }
  std::size_t size() const { return queued_.size() + in_flight_.size() + finished_.size(); }

  /// Queues an operation. The kernel hears of it with the next submit() or wait().
  Token add(Operation operation) {
    queued_.emplace_back(++last_, std::move(operation));
    return last_;
  }

  /// Starts what is queued, without waiting. Returns how many operations that were.
  std::size_t submit() {
    const std::size_t count = queued_.size();
    prepare_queued();
    enter([this] { return io_uring_submit(ring_.get()); });
    return count;
  }

  /// Starts what is queued and waits until an operation has finished, `deadline` or a signal.
  /// Without a deadline that is one system call. With one it is two: had one call both to submit
  /// and to time out, it would return the number it has submitted, and a signal would go unnoticed.
  void wait(std::optional<Clock::time_point> deadline) {
    prepare_queued();
    if (!deadline && finished_.empty()) {
      return enter([this] { return io_uring_submit_and_wait(ring_.get(), 1); });
    }
    enter([this] { return io_uring_submit(ring_.get()); });
    if (!finished_.empty()) return;
    const auto left = std::max<std::chrono::nanoseconds>(*deadline - Clock::now(), {});
    __kernel_timespec time = timespec_of(left);
    enter([&] {
      io_uring_cqe* cqe = nullptr;
      return io_uring_wait_cqe_timeout(ring_.get(), &cqe, &time);
    });
  }

  bool has_finished() const { return !finished_.empty(); }

  /// Takes the operation that finished first.
  Finished take() {
    Finished first = std::move(finished_.front());
    finished_.pop_front();
    return first;
  }

 private:
  /// Moves what is queued to the places that the kernel sees. Places for completions may run out as
  /// well: they are emptied whenever the others are full, before Ring::next() submits.
  void prepare_queued() {
    while (!queued_.empty()) {
      if (io_uring_sq_space_left(ring_.get()) == 0) reap();
      io_uring_sqe* sqe = ring_.next();
      const Token token = queued_.front().first;
      Operation& operation =
          in_flight_.emplace(token, std::move(queued_.front().second)).first->second;
      queued_.pop_front();
      operation.prepare(sqe);
      io_uring_sqe_set_data64(sqe, token);  // last: before liburing 2.2 prepare cleared it
    }
  }

  /// Enters the kernel, then takes what has completed. A signal and a time-out are no errors; the
  /// kernel may want to get rid of completions first, which is one if there are none.
  template <typename Call>
  void enter(Call call) {
    const int result = call();
    const bool crowded = result == -EAGAIN || result == -EBUSY;
    if (reap() > 0 && crowded) return;
    if (result != -EINTR && result != -ETIME) async::check_result("io_uring_enter", result);
  }

  /// Moves completions to `finished_`. Returns how many there were.
  unsigned reap() {
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(ring_.get(), head, cqe) {
      ++count;
      const auto found = in_flight_.find(cqe->user_data);
      if (found == in_flight_.end()) continue;  // of cancel_all(): nobody asked
      found->second.result = cqe->res;
      finished_.emplace_back(found->first, std::move(found->second));
      in_flight_.erase(found);
    }
    io_uring_cq_advance(ring_.get(), count);
    return count;
  }

  /// Ends all that is in flight, and waits until the kernel has let go of the bytes.
  /// Bounded, by our choice: a device that does not answer is not waited for more than two seconds.
  void cancel_all() noexcept {
    std::vector<Token> tokens;
    for (const auto& [token, operation] : in_flight_) tokens.push_back(token);
    for (const Token token : tokens) {
      io_uring_sqe* sqe = io_uring_get_sqe(ring_.get());
      if (sqe == nullptr) io_uring_submit(ring_.get());
      if (sqe == nullptr) sqe = io_uring_get_sqe(ring_.get());
      if (sqe == nullptr) break;  // the kernel takes nothing more: abandon()
      io_uring_prep_cancel64(sqe, token, 0);
      io_uring_sqe_set_data64(sqe, 0);
    }
    const auto deadline = Clock::now() + std::chrono::seconds{2};
    while (!in_flight_.empty() && Clock::now() < deadline) {
      __kernel_timespec time = timespec_of(std::chrono::milliseconds{100});
      io_uring_cqe* cqe = nullptr;
      io_uring_submit(ring_.get());
      io_uring_wait_cqe_timeout(ring_.get(), &cqe, &time);
      reap();
    }
  }

  /// Lets go of the operations that are left. Descriptors that nobody has taken are closed; bytes
  /// that the kernel may still write to are kept for ever, which is the lesser evil.
  void abandon() noexcept {
    for (const auto& [token, operation] : finished_) {
      if (operation.kind == Kind::accept && operation.result >= 0) ::close(operation.result);
    }
    static auto& kept = *new std::vector<std::unordered_map<Token, Operation>>;
    if (!in_flight_.empty()) kept.push_back(std::move(in_flight_));
  }

  const pid_t owner_ = ::gettid();  // a thread's id: no other thread has it, nor a child
  Ring ring_;
  Token last_ = 0;
  std::deque<Finished> queued_;
  std::unordered_map<Token, Operation> in_flight_;
  std::deque<Finished> finished_;
};

}  // namespace bindings
