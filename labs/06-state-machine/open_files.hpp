// Lab 06: files that have just been asked for stay open a moment, for whoever asks next.
#pragma once

#include <sys/epoll.h>
#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "async/check.hpp"
#include "async/timer.hpp"
#include "event_loop.hpp"

namespace http {

/// Keeps files open for a time: to open and close a small one costs as much as to send it.
///
/// A file that has been replaced, removed or resized meanwhile is no longer found: fstat() tells.
/// Where a directory or a link on the way to it leads elsewhere now, that is seen after the time.
///
/// File      has `fd` and `size`. It is shared: do not rely on the descriptor's offset.
template <typename File>
class OpenFiles {
 public:
  /// time      0 keeps nothing
  OpenFiles(EventLoop& loop, std::chrono::seconds time) : time_{time} {
    loop.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) {
      timer_.acknowledge();
      clear();
    });
  }

  /// The file of that name, if it is open and still the one that is meant; else null.
  std::shared_ptr<const File> find(const std::string& path) const {
    const auto known = files_.find(path);
    if (known == files_.end()) return nullptr;
    struct stat about {};
    async::check("fstat", ::fstat(known->second->fd.get(), &about));
    const bool same = static_cast<std::uint64_t>(about.st_size) == known->second->size;
    return about.st_nlink > 0 && same ? known->second : nullptr;
  }

  void keep(const std::string& path, std::shared_ptr<const File> file) {
    if (time_.count() == 0) return;
    if (files_.size() == most) clear();
    if (files_.empty()) timer_.start(time_);  // one for all: none is kept for longer
    files_[path] = std::move(file);
  }

  /// Lets go of all files. Those that are being sent stay open for that.
  void clear() { files_.clear(); }

 private:
  static constexpr std::size_t most = 32;  // descriptors: our choice

  std::chrono::seconds time_;
  async::Timer timer_;
  std::unordered_map<std::string, std::shared_ptr<const File>> files_;  // by path
};

}  // namespace http
