// Lab 07: Linux aio as the kernel offers it: io_submit(2) and its kin, by syscall(2), no library.
// (aio(7) is another thing: POSIX aio, threads of glibc.)
#pragma once

#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "async/check.hpp"
#include "async/todo.hpp"

/// A context of the kernel's, in which operations are submitted and their events collected.
class Aio {
 public:
  /// throws    std::system_error "io_setup": ENOSYS or EPERM where aio is switched off
  Aio() { async::check("io_setup", ::syscall(SYS_io_setup, 8, &context_)); }
  Aio(const Aio&) = delete;
  ~Aio() { ::syscall(SYS_io_destroy, context_); }  // waits for what is under way

  /// Submits one operation.
  ///
  /// returns   1, or -errno: EINVAL if the file cannot do it, EFAULT, EBADF
  int submit(iocb& operation) {
    // TODO(07.5): call io_submit() with a list of one pointer.
    //   It takes pointers: of a program's memory it copies 8 bytes, and 64 more behind each.
    //   man: io_submit(2)   check: submits_and_collects_by_system_calls
    async::todo("07.5");
  }

  /// Takes an event, if there is one.
  ///
  /// least     0: looks and does not wait; 1: waits for one
  /// returns   whether there was one
  bool collect(io_event& event, long least) {
    // TODO(07.5): call io_getevents() for `least` to 1 events, without a time-out.
    //   It returns how many came. EINTR: a signal came first.
    //   man: io_getevents(2)   check: submits_and_collects_by_system_calls
    async::todo("07.5");
  }

 private:
  aio_context_t context_ = 0;
};

/// The operation "read from `fd` at `offset` into `buffer`".
inline iocb reading(int fd, std::span<char> buffer, std::int64_t offset) {
  // TODO(07.5): fill in which operation, of which file, into which memory, from where.
  //   The struct has numbers for pointers: it looks the same to a 32-bit program.
  //   man: io_submit(2) "IOCB_CMD_PREAD"   check: submits_and_collects_by_system_calls
  async::todo("07.5");
}
