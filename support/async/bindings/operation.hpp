// One operation of asynclab.Ring: what it asks of the kernel, and the bytes it needs meanwhile.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "async/uring.hpp"

namespace bindings {

enum class Kind { nop, read, write, accept, recv, send, timeout, cancel };

/// The name of an operation, as the method that makes it is called.
inline const char* name_of(Kind kind) {
  constexpr const char* names[] = {"nop",  "read", "write",   "accept",
                                   "recv", "send", "timeout", "cancel"};
  return names[static_cast<int>(kind)];
}

/// From its making to its completion. `bytes` and `time` belong to the kernel meanwhile: they must
/// neither move nor be freed (io_uring(7), "SUBMISSION"), so it lives in a node of a map.
struct Operation {
  Kind kind = Kind::nop;
  int fd = -1;
  std::unique_ptr<char[]> bytes = nullptr;
  unsigned size = 0;            // of `bytes`
  std::int64_t offset = -1;     // in a file; -1: where the file stands
  __kernel_timespec time = {};  // of a timeout
  std::uint64_t target = 0;     // of a cancel: another operation's token
  int result = 0;               // as in cqe->res: bytes, a descriptor, or -errno

  bool brings_bytes() const { return kind == Kind::read || kind == Kind::recv; }

  /// Writes the operation into a place of the queue. SOCK_CLOEXEC as everywhere in Python, PEP 446;
  /// MSG_NOSIGNAL: a client that has gone is an error (EPIPE), not a signal.
  void prepare(io_uring_sqe* sqe) {
    const auto position = static_cast<std::uint64_t>(offset);
    switch (kind) {
      case Kind::nop:
        return io_uring_prep_nop(sqe);
      case Kind::read:
        return io_uring_prep_read(sqe, fd, bytes.get(), size, position);
      case Kind::write:
        return io_uring_prep_write(sqe, fd, bytes.get(), size, position);
      case Kind::accept:
        return io_uring_prep_accept(sqe, fd, nullptr, nullptr, SOCK_CLOEXEC);
      case Kind::recv:
        return io_uring_prep_recv(sqe, fd, bytes.get(), size, 0);
      case Kind::send:
        return io_uring_prep_send(sqe, fd, bytes.get(), size, MSG_NOSIGNAL);
      case Kind::timeout:
        return io_uring_prep_timeout(sqe, &time, 0, 0);
      case Kind::cancel:
        return io_uring_prep_cancel64(sqe, target, 0);
    }
  }
};

/// A time as the kernel takes it.
inline __kernel_timespec timespec_of(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace bindings
