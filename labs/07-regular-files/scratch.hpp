// Lab 07: the file that aio_demo reads: one that the user names, or one of its own.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

/// A file with bytes in it. One that it has made itself is removed with it.
class Scratch {
 public:
  /// path      an existing file, which is only read; empty: makes `aio_demo.tmp` of `size` bytes in
  ///           the current directory
  /// throws    std::system_error "open": the current directory cannot be written
  Scratch(const char* path, std::size_t size) : path_{path}, own_{path_.empty()} {
    if (!own_) return;
    path_ = "aio_demo.tmp";
    const async::FileDescriptor file{
        async::check("open", ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))};
    const std::string bytes(1 << 20, 'x');
    for (std::size_t left = size; left > 0;) {
      left -= static_cast<std::size_t>(
          async::check("write", ::write(file.get(), bytes.data(), std::min(left, bytes.size()))));
    }
    async::check("fsync", ::fsync(file.get()));  // what is not on the disk stays in the cache
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() {
    if (own_) ::unlink(path_.c_str());
  }

  const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
  bool own_;
};
