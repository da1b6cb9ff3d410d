// The process model: a child for every client. They run on all CPUs and share no memory.
#pragma once

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <utility>
#include <vector>

#include "blocking.hpp"

namespace async {

class ProcessServer : public BlockingServer {
 public:
  /// fork      fork(2), or what else has to be done around it: like it, it returns twice.
  explicit ProcessServer(Service service, std::function<pid_t()> fork = ::fork)
      : BlockingServer{std::move(service)}, fork_{std::move(fork)} {}

  void serve(FileDescriptor listener) override {
    make_nonblocking(listener.get());
    while (wait_for_client(listener, ends())) {
      reap(WNOHANG);
      if (FileDescriptor client = next_client(listener)) start_child(listener, client);
    }
    listener = {};
    finish();
  }

 private:
  /// A child, and a descriptor that is readable when it has ended; without one when none was left.
  struct Child {
    pid_t pid;
    FileDescriptor end;
  };

  /// Child and parent both hold the client: its connection ends when both have closed it.
  void start_child(FileDescriptor& listener, FileDescriptor& client) {
    const pid_t pid = fork_();
    if (pid == 0) {
      listener = {};  // else the port would stay taken as long as a child lives
      converse(std::move(client));
      ::_exit(0);  // no destructor and no atexit(3): they are the parent's
    }
    if (pid > 0) children_.push_back({pid, FileDescriptor{pidfd_of(pid)}});
    if (pid < 0) pause();  // EAGAIN: too many processes. This client is dropped.
    client = {};
  }

  /// source    pidfd_open(2), Linux 5.3; glibc has a function for it since 2.36 only
  static int pidfd_of(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

  /// The descriptors that tell of a child's end.
  std::vector<int> ends() const {
    std::vector<int> found;
    for (const Child& child : children_) {
      if (child.end) found.push_back(child.end.get());
    }
    return found;
  }

  /// Takes notice of the children that have ended, or they would stay as zombies. Asks for each by
  /// its number: waitpid(-1) would also take those that somebody else has started.
  void reap(int options) {
    std::erase_if(children_, [options](const Child& child) {
      return ::waitpid(child.pid, nullptr, options) != 0;  // -1: somebody else was faster
    });
  }

  /// The children have seen stop() too. Who computes longer than `grace` is ended.
  void finish() {
    const auto end = std::chrono::steady_clock::now() + grace;
    for (reap(WNOHANG); !children_.empty() && std::chrono::steady_clock::now() < end;
         reap(WNOHANG)) {
      wait_for_end(end - std::chrono::steady_clock::now());
    }
    for (const Child& child : children_) ::kill(child.pid, SIGKILL);
    reap(0);
  }
  void wait_for_end(std::chrono::nanoseconds longest) {
    std::vector<pollfd> watched;
    for (const int fd : ends()) watched.push_back({fd, POLLIN, 0});
    const bool all = watched.size() == children_.size();  // else look again after a while
    const auto most = std::chrono::ceil<std::chrono::milliseconds>(longest);
    ::poll(watched.data(), watched.size(),
           static_cast<int>((all ? most : std::min(most, 50ms)).count()));
  }

  std::function<pid_t()> fork_;
  std::vector<Child> children_;
};

}  // namespace async
