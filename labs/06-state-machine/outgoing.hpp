// Lab 06: what a client still has to get: bytes, and then perhaps a part of a file.
#pragma once

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "async/check.hpp"
#include "async/todo.hpp"
#include "files.hpp"

namespace http {

/// How an attempt to send went.
enum class Sent { all, some, nothing, failed };

/// Bytes and a file on their way out. A large file's bytes never come into this process.
struct Outgoing {
  std::string text;
  std::shared_ptr<const Opened> file;  // which others may be sent too
  std::uint64_t file_left = 0;         // bytes

  /// Puts a file behind the text. A small one becomes part of it: the copy costs less than a call.
  void add(std::shared_ptr<const Opened> opened) {
    file = std::move(opened);
    file_left = file->size;
    if (file_left <= small) read_into_text();
  }

  bool empty() const { return sent_ == text.size() && file_left == 0; }

  /// Sends once what the socket takes now.
  Sent send(int socket) { return sent_ < text.size() ? send_text(socket) : send_file(socket); }

  /// Has the client taken anything since the last call, although the socket takes nothing? It may
  /// hold megabytes, and is ready again only when much of that has gone.
  bool gets_through(int socket) {
    // TODO(06.4): count what the client has acknowledged, and compare it with the last count.
    //   `handed_over_` is what the kernel has taken from us so far; SIOCOUTQ tells how much of it
    //   is not acknowledged yet.
    //   man: tcp(7) "SIOCOUTQ"   check: who_gets_on_is_not_closed
    async::todo("06.4");
  }

 private:
  static constexpr std::size_t turn = 256 * 1024;    // bytes of a file before others have a turn
  static constexpr std::uint64_t small = 16 * 1024;  // bytes that are cheaper to copy: measured

  void read_into_text() {
    const std::size_t head = text.size();
    text.resize(head + file_left);
    const ssize_t got = ::pread(file->fd.get(), text.data() + head, file_left, 0);
    text.resize(head + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    file_left -= text.size() - head;  // what was not there send_file() will miss too
    if (file_left == 0) file.reset();
  }

  static Sent failure() { return errno == EAGAIN || errno == EINTR ? Sent::nothing : Sent::failed; }

  Sent send_text(int socket) {
    // TODO(06.2): send the text; MSG_MORE if a file follows.
    //   With it the kernel waits for the file's first bytes, and both leave in one packet. Count
    //   in `sent_` and `handed_over_` what it took; when all has gone, clear the text: its memory
    //   is used again. `all` if no file follows either, `some` if anything is left; failure().
    //   man: send(2) "MSG_MORE"   check: serves_files_as_they_are
    async::todo("06.2");
  }

  Sent send_file(int socket) {
    if (file_left == 0) return Sent::all;
    // TODO(06.2): let the kernel move bytes from the file to the socket.
    //   Tell sendfile() where to go on: others may be sent the same file. It may move less than
    //   asked: at most `turn`. Count as above. 0: the file has become shorter than was promised:
    //   the connection has failed. All of it has gone: let go of the file.
    //   man: sendfile(2)   check: serves_files_as_they_are
    async::todo("06.2");
  }

  std::size_t sent_ = 0;            // bytes of text
  std::uint64_t handed_over_ = 0;   // bytes, since the connection began
  std::uint64_t acknowledged_ = 0;  // bytes of them, at the last look
};

}  // namespace http
