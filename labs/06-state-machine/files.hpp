// Lab 06: files below a root directory, and not one above it.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

namespace http {

/// What Content-Type says of a file with this name.
inline std::string_view type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".txt", "text/plain; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"},
      {".ico", "image/vnd.microsoft.icon"},
      {".pdf", "application/pdf"},
      {".wasm", "application/wasm"},
      {".mp4", "video/mp4"},
  };
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

/// Opens what lies below `root`, and nothing else, wherever symbolic links may lead.
///
/// path      relative; "" is the root itself
/// returns   the descriptor, or an empty one with errno set; EXDEV: it would have left the root
/// source    openat2(2), since Linux 5.6. The C library has no wrapper for it.
inline async::FileDescriptor open_below(int root, const std::string& path, std::uint64_t flags) {
  // TODO(06.2): let the kernel resolve the path beneath `root`.
  //   A check of the path before open() can be outrun by someone who swaps a directory for a
  //   link. O_NONBLOCK: to open a FIFO would wait for its writer.
  //   man: openat2(2) "RESOLVE_BENEATH"   check: refuses_to_leave_the_root
  async::todo("06.2");
}

/// The status that tells a client why a file could not be opened, or made.
inline int status_of_error(int error) {
  if (error == EACCES || error == EPERM || error == EROFS) return 403;
  if (error == ENOSPC || error == EDQUOT) return 507;
  const bool ours = error == EMFILE || error == ENFILE || error == ENOMEM;
  return ours ? 503 : 404;
}

/// A file to be sent, or the status that says why not; 301: a directory, asked for without "/".
struct Opened {
  int status = 200;
  async::FileDescriptor fd;
  std::uint64_t size = 0;  // bytes
  std::string_view type;
};

/// Opens a file to be sent; a directory stands for its index.html.
inline Opened open_file(int root, std::string path) {
  // TODO(06.2): open it, look at what it is, and remember its size.
  //   fstat() asks about what you hold, stat() about a name that may mean something else by now.
  //   Only regular files are sent: 404 for a FIFO or a device.
  //   man: fstat(2)   check: serves_files_as_they_are
  async::todo("06.2");
}

}  // namespace http
