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
#include "files.hpp"

namespace http {

/// Opens files, and keeps them for a second: to open and close a small one costs as much as to send
/// it.
///
/// A file that has been replaced, removed or resized meanwhile is opened anew: fstat() tells. Where
/// a directory or a link on the way to it leads elsewhere now, that is seen after the second.
class OpenFiles {
 public:
  explicit OpenFiles(EventLoop& loop) {
    loop.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) {
      timer_.acknowledge();
      clear();
    });
  }

  /// As open_file(). The file may be sent to others too: do not rely on its offset.
  std::shared_ptr<const Opened> open(int root, const std::string& path) {
    const auto known = files_.find(path);
    if (known != files_.end() && is_current(*known->second)) return known->second;
    const auto opened = std::make_shared<const Opened>(open_file(root, path));
    if (opened->status == 200) keep(path, opened);
    return opened;
  }

  /// Lets go of all files. Those that are being sent stay open for that.
  void clear() { files_.clear(); }

 private:
  static constexpr std::size_t most = 32;  // descriptors: our choice

  static bool is_current(const Opened& opened) {
    struct stat about {};
    async::check("fstat", ::fstat(opened.file.get(), &about));
    return about.st_nlink > 0 && static_cast<std::uint64_t>(about.st_size) == opened.size;
  }

  void keep(const std::string& path, std::shared_ptr<const Opened> opened) {
    if (files_.size() == most) clear();
    if (files_.empty()) timer_.start(std::chrono::seconds{1});
    files_[path] = std::move(opened);
  }

  async::Timer timer_;
  std::unordered_map<std::string, std::shared_ptr<const Opened>> files_;  // by path
};

}  // namespace http
