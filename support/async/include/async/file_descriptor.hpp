// One file descriptor, owned: closed when its owner goes out of scope, whatever the way out.
#pragma once

#include <unistd.h>

#include <utility>

namespace async {

/// Owns one file descriptor and closes it exactly once: it moves, it never copies.
/// An empty one, `FileDescriptor{}`, owns nothing and converts to false.
class FileDescriptor {
 public:
  FileDescriptor() noexcept = default;
  explicit FileDescriptor(int fd) noexcept : fd_{fd} {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  FileDescriptor& operator=(FileDescriptor other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);  // never retried: after EINTR Linux has freed the number, close(2)
  }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace async
