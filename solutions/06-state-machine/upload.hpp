// Lab 06: a file that arrives bit by bit and is there all at once, or not at all.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/todo.hpp"
#include "files.hpp"

namespace http {

inline constexpr std::uint64_t upload_limit = 16 << 20;  // bytes: our choice

/// One upload into a directory: under a hidden name until commit(). What is not committed goes.
class Upload {
 public:
  /// status() says how it went: 0, or the status of the error.
  Upload(int root, const std::string& name) : name_{name} {
    // STEP 06.5: open the directory "upload", and create the hidden file in it.
    //   The same directory, so that the same file system: rename() cannot cross one. O_EXCL: it
    //   is new; EEXIST: somebody who had your number was killed, so take the next. Hidden names
    //   are not served, and no client can ask for one.
    //   man: open(2) "O_EXCL"   check: a_reader_never_sees_half_an_upload
    static std::uint64_t count = 0;
    const std::string prefix = ".upload-" + std::to_string(::getpid()) + "-";
    directory_ = open_below(root, "upload", O_RDONLY | O_DIRECTORY);
    if (directory_) {
      constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      do {
        hidden_ = prefix + std::to_string(++count);
        file_ = async::FileDescriptor{::openat(directory_.get(), hidden_.c_str(), flags, 0644)};
      } while (!file_ && errno == EEXIST);
    }
    if (!file_) status_ = status_of_error(errno);
  }
  Upload(const Upload&) = delete;
  ~Upload() {
    if (file_) ::unlinkat(directory_.get(), hidden_.c_str(), 0);  // ENOENT once it is renamed
  }

  int status() const { return status_; }

  /// Appends bytes. Returns false if the disk does not take them.
  bool write(std::string_view bytes) {
    // STEP 06.5: write all of them; write() may take a part.
    //   A file is always "ready": this call waits for the disk if it must. Lab 07 is about that.
    //   man: write(2) "RETURN VALUE"   check: stores_what_was_sent
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  /// Gives the file its name. Returns the status: 201 new, 204 replaced, or why it failed.
  int commit() {
    // STEP 06.5: link it to its name; if there is one already, rename over it.
    //   Both are atomic: who opens the name gets the old file or the new one, whole. linkat()
    //   fails with EEXIST, so that "new" is known and not guessed.
    //   man: linkat(2), rename(2)   check: a_reader_never_sees_half_an_upload
    const int at = directory_.get();
    if (::linkat(at, hidden_.c_str(), at, name_.c_str(), 0) == 0) return 201;
    if (errno == EEXIST && ::renameat(at, hidden_.c_str(), at, name_.c_str()) == 0) return 204;
    return errno == EISDIR ? 409 : status_of_error(errno);
  }

 private:
  std::string name_;
  std::string hidden_;
  async::FileDescriptor directory_;
  async::FileDescriptor file_;
  int status_ = 0;
};

}  // namespace http
