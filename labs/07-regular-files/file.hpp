// Lab 07: a regular file below a directory: opened where nothing leads out of it, read in pieces.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

/// A file to be sent. `error`: why there is none (a value of errno), else 0; `size` in bytes.
struct File {
  async::FileDescriptor fd = {};
  std::uint64_t size = 0;
  int error = 0;
};

/// Opens `path` below the directory `root`; `..` and links that lead out of it are refused.
///
/// returns   a descriptor, or -1 with errno set: EXDEV if the path leads out
/// source    openat2(2), RESOLVE_BENEATH (Linux 5.6). O_NONBLOCK: a FIFO must not keep us waiting.
inline int open_beneath(int root, const char* path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
}

/// Opens a regular file. May wait for the disk.
///
/// path      relative to `root`, without a leading slash
/// returns   the file and its size, or an error: ENOENT also for what is no regular file
inline File open_file(int root, const std::string& path) {
  // TODO(07.2): open it with open_beneath(), and find out its size.
  //   Only a regular file has one; a directory can be opened too, but not read.
  //   man: fstat(2), inode(7) "S_ISREG"   check: sends_files_byte_for_byte
  async::todo("07.2");
}

/// Reads at most `size` bytes from `offset` on. Waits for the disk: O_NONBLOCK means nothing to a
/// regular file, open(2).
///
/// returns   what was there; empty at the end of the file or after an error
inline std::string read_piece(const File& file, std::uint64_t offset, std::size_t size) {
  // TODO(07.2): read with pread(), which needs no seek and leaves the file's position alone.
  //   A short count is no error. It can be interrupted: EINTR.
  //   man: pread(2)   check: sends_files_byte_for_byte
  async::todo("07.2");
}
