// liburing, and what its releases before 2.3 lack. What the kernel lacks is found out at run time.
#pragma once

#include <liburing.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>

#include "async/check.hpp"

// Part of the kernel's interface: the values never change (linux/io_uring.h).
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)  // Linux 6.0
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)  // Linux 6.1
#endif
#ifndef IORING_RECVSEND_POLL_FIRST
#define IORING_RECVSEND_POLL_FIRST (1U << 0)  // Linux 5.19
#endif
#ifndef IORING_RECV_MULTISHOT
#define IORING_RECV_MULTISHOT (1U << 1)  // Linux 6.0
inline void io_uring_prep_recv_multishot(io_uring_sqe* sqe, int fd, void* buffer, std::size_t size,
                                         int flags) {
  io_uring_prep_recv(sqe, fd, buffer, size, flags);
  sqe->ioprio |= IORING_RECV_MULTISHOT;
}
#endif

namespace async {

/// Throws that there is no ring, and tells the user who may have forbidden it.
///
/// result    what io_uring_queue_init_params(3) returned: -errno
/// source    io_uring_setup(2), "ERRORS"; the documentation of kernel.io_uring_disabled
[[noreturn]] inline void no_ring(int result) {
  if (result == -EPERM || result == -ENOSYS) {
    std::fprintf(stderr,
                 "hint: io_uring is switched off here: see `sysctl kernel.io_uring_disabled`; in a "
                 "container, its seccomp profile (docker: --security-opt seccomp=unconfined)\n");
  }
  fail("io_uring_setup", -result);
}

}  // namespace async
