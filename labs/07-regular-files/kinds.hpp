// Lab 07: one descriptor of every kind that Linux has for a student's server, each in a known
// state.
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <span>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"

using async::FileDescriptor;

/// A kind of descriptor in one state. `name` is a word: `pipe-empty`.
struct Kind {
  const char* name;
  FileDescriptor fd;
  FileDescriptor peer = {};  // what keeps it in that state: the other end, a member of its set
};

inline FileDescriptor opened(const char* path) {
  return FileDescriptor{async::check("open", ::open(path, O_RDONLY | O_CLOEXEC))};
}

inline FileDescriptor counter(unsigned value) {
  return FileDescriptor{async::check("eventfd", ::eventfd(value, EFD_CLOEXEC))};
}

/// A pair of `make`: pipe(2), or two sockets. One byte waits in it if `filled`.
template <typename Make>
Kind pair(const char* name, Make make, bool filled) {
  std::array<int, 2> ends;
  async::check(name, make(ends.data()));
  Kind kind{name, FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
  if (filled) async::check("write", ::write(kind.peer.get(), "x", 1));
  return kind;
}

inline Kind pipe_kind(const char* name, bool filled) {
  return pair(
      name, [](int* ends) { return ::pipe2(ends, O_CLOEXEC); }, filled);
}

inline Kind socket_kind(const char* name, bool filled) {
  constexpr int type = SOCK_STREAM | SOCK_CLOEXEC;
  return pair(
      name, [](int* ends) { return ::socketpair(AF_UNIX, type, 0, ends); }, filled);
}

/// A timer that runs out after `time`; one of a nanosecond is waited for.
inline Kind timer(const char* name, timespec time) {
  FileDescriptor fd{async::check("timerfd_create", ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC))};
  const itimerspec once{.it_interval = {}, .it_value = time};
  async::check("timerfd_settime", ::timerfd_settime(fd.get(), 0, &once, nullptr));
  if (time.tv_sec == 0) ::nanosleep(&time, nullptr);
  return {name, std::move(fd)};
}

/// A descriptor for one signal, which is blocked; sent to ourselves if `pending`.
inline Kind signal(const char* name, int number, bool pending) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  async::check("sigprocmask", ::sigprocmask(SIG_BLOCK, &set, nullptr));
  if (pending) async::check("kill", ::kill(::getpid(), number));
  return {name, FileDescriptor{async::check("signalfd", ::signalfd(-1, &set, SFD_CLOEXEC))}};
}

/// An epoll set with one eventfd in it.
inline Kind epoll_set(const char* name, unsigned value) {
  FileDescriptor set{async::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  FileDescriptor member = counter(value);
  epoll_event event{.events = EPOLLIN, .data = {.fd = member.get()}};
  async::check("epoll_ctl", ::epoll_ctl(set.get(), EPOLL_CTL_ADD, member.get(), &event));
  return {name, std::move(set), std::move(member)};
}

/// Every kind, in the order of the table. `file` is a regular file, such as the program itself.
inline std::vector<Kind> kinds(const char* file) {
  std::vector<Kind> all;
  const auto add = [&](Kind kind) { all.push_back(std::move(kind)); };
  add({"regular-file", opened(file)});
  add({"directory", opened("/")});
  add({"memfd", FileDescriptor{async::check("memfd_create", ::memfd_create("lab", MFD_CLOEXEC))}});
  add({"/dev/null", opened("/dev/null")});
  add({"/dev/urandom", opened("/dev/urandom")});
  add({"/proc/self/status", opened("/proc/self/status")});
  add({"/proc/mounts", opened("/proc/mounts")});
  add(pipe_kind("pipe-empty", false));
  add(pipe_kind("pipe-with-data", true));
  add(socket_kind("socket-empty", false));
  add(socket_kind("socket-with-data", true));
  add({"eventfd-0", counter(0)});
  add({"eventfd-1", counter(1)});
  add(timer("timerfd-running", {.tv_sec = 3600, .tv_nsec = 0}));
  add(timer("timerfd-expired", {.tv_sec = 0, .tv_nsec = 1}));
  add(signal("signalfd-empty", SIGUSR1, false));
  add(signal("signalfd-pending", SIGUSR2, true));
  add(epoll_set("epoll-empty", 0));
  add(epoll_set("epoll-with-event", 1));
  add({"inotify-empty",
       FileDescriptor{async::check("inotify_init1", ::inotify_init1(IN_CLOEXEC))}});
  return all;
}
