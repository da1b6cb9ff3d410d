// Lab 07: what select(2), poll(2), epoll(7) and io_uring(7) say of every kind of descriptor.
//
// Try it: `readiness` prints a table, a line for each kind and a word for each call: `ready`,
// `waits`, or the error that the call gave. Every word is the kernel's answer, now.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/todo.hpp"
#include "async/uring.hpp"
#include "kinds.hpp"

/// The word for a call's answer. `result`: how many descriptors it found ready, or -errno.
std::string word(int result) {
  if (result < 0) return ::strerrorname_np(-result);
  return result > 0 ? "ready" : "waits";
}

/// May it be read without waiting? Asks select(2), and does not wait.
///
/// returns   1 if it is ready, 0 if not, -errno after an error
int select_says(int fd) {
  // TODO(07.1): ask select() about this one descriptor, with a time-out of zero.
  //   The first argument is the highest descriptor plus one. The result is the number of
  //   descriptors that are ready, or -1 with errno set.
  //   man: select(2)   check: tells_what_select_says
  async::todo("07.1");
}

/// The same question for poll(2).
///
/// returns   1 if it is ready, 0 if not, -errno after an error
int poll_says(int fd) {
  // TODO(07.1): ask poll() about this one descriptor, with a time-out of zero.
  //   man: poll(2)   check: tells_what_poll_says
  async::todo("07.1");
}

/// The same question for an epoll set of its own.
///
/// returns   1 if it is ready, 0 if not, -errno if the set does not take it
int epoll_says(int fd) {
  // TODO(07.1): make an epoll set, add the descriptor, and ask without waiting.
  //   It is epoll_ctl() that refuses: EPERM says that this kind of file cannot be waited for.
  //   The set is a descriptor too: close it.
  //   man: epoll_ctl(2) "ERRORS"   check: tells_what_epoll_says
  async::todo("07.1");
}

/// The same question for the operation POLL_ADD of `ring`.
///
/// returns   1 if it is ready, 0 if not, -errno after an error
int uring_says(io_uring& ring, int fd) {
  // TODO(07.1): submit a POLL_ADD, and look whether its completion is there at once.
  //   The result in a completion is -errno or the events that came. Where there is none the
  //   operation is still under way; the end of the ring ends it.
  //   man: io_uring_prep_poll_add(3), io_uring_peek_cqe(3)   check: tells_what_io_uring_says
  async::todo("07.1");
}

/// Asks a ring of its own for each descriptor; says `blocked` where there is no io_uring.
std::string uring_word(int fd) {
  io_uring ring;
  const int result = io_uring_queue_init(4, &ring, 0);
  if (result < 0) return "blocked";
  struct Exit {
    io_uring& ring;
    ~Exit() { io_uring_queue_exit(&ring); }
  } const exit{ring};
  return word(uring_says(ring, fd));
}

void print_row(const char* kind, const std::string& select, const std::string& poll,
               const std::string& epoll, const std::string& uring) {
  std::printf("%-20s %-8s %-8s %-8s %s\n", kind, select.c_str(), poll.c_str(), epoll.c_str(),
              uring.c_str());
}

/// Prints what is known of one kind; a call whose function is still to be written stays `?`.
void print_kind(const Kind& kind) {
  const int fd = kind.fd.get();
  std::string select = "?", poll = "?", epoll = "?", uring = "?";
  async::written([&] { select = word(select_says(fd)); });
  async::written([&] { poll = word(poll_says(fd)); });
  async::written([&] { epoll = word(epoll_says(fd)); });
  async::written([&] { uring = uring_word(fd); });
  print_row(kind.name, select, poll, epoll, uring);
}

int main() {
  try {
    print_row("kind", "select", "poll", "epoll", "io_uring");
    for (const Kind& kind : kinds("/proc/self/exe")) print_kind(kind);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
