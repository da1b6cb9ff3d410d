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
    // TODO(06.5): open the directory "upload", and create the hidden file in it.
    //   The same directory, so that the same file system: rename() cannot cross one. O_EXCL: it
    //   is new; EEXIST: somebody who had your number was killed, so take the next. Hidden names
    //   are not served, and no client can ask for one.
    //   man: open(2) "O_EXCL"   check: a_reader_never_sees_half_an_upload
    async::todo("06.5");
  }
  Upload(const Upload&) = delete;
  ~Upload() {
    if (file_) ::unlinkat(directory_.get(), hidden_.c_str(), 0);  // ENOENT once it is renamed
  }

  int status() const { return status_; }

  /// Appends bytes. Returns false if the disk does not take them.
  bool write(std::string_view bytes) {
    // TODO(06.5): write all of them; write() may take a part.
    //   A file is always "ready": this call waits for the disk if it must. Lab 07 is about that.
    //   man: write(2) "RETURN VALUE"   check: stores_what_was_sent
    async::todo("06.5");
  }

  /// Gives the file its name. Returns the status: 201 new, 204 replaced, or why it failed.
  int commit() {
    // TODO(06.5): link it to its name; if there is one already, rename over it.
    //   Both are atomic: who opens the name gets the old file or the new one, whole. linkat()
    //   fails with EEXIST, so that "new" is known and not guessed.
    //   man: linkat(2), rename(2)   check: a_reader_never_sees_half_an_upload
    async::todo("06.5");
  }

 private:
  std::string name_;
  std::string hidden_;
  async::FileDescriptor directory_;
  async::FileDescriptor file_;
  int status_ = 0;
};

}  // namespace http
