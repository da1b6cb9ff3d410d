// Lab 05: an event loop on epoll(7). One thread waits for any number of descriptors at once.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/todo.hpp"

/// Waits on many descriptors in one thread and runs the callback of each that is ready.
///
/// Readiness is a hint: a callback must still expect EAGAIN (epoll(7), "Questions and answers").
/// It is level-triggered: what a callback leaves undone makes the descriptor ready again.
/// A callback may add, modify and remove any descriptor, its own as well. All but stop() belong to
/// the thread that runs the loop.
class EventLoop {
 public:
  using Callback = std::function<void(std::uint32_t events)>;

  EventLoop() {
    add(wake_.get(), EPOLLIN, [this](std::uint32_t) {
      eventfd_t stops;
      stopped_ = ::eventfd_read(wake_.get(), &stops) == 0;
    });
  }
  EventLoop(const EventLoop&) = delete;

  /// Runs `callback` whenever one of the events of `interest` is true for `fd`.
  ///
  /// interest  EPOLLIN, EPOLLOUT or both; 0 for none. EPOLLERR and EPOLLHUP are always reported.
  /// throws    std::system_error "epoll_ctl": EBADF, EEXIST (added before), EPERM (a regular file
  ///           is always ready, so epoll does not take it). Nothing is changed then.
  void add(int fd, std::uint32_t interest, Callback callback) {
    // TODO(05.1): register the descriptor with the kernel, then keep its callback.
    //   The kernel gives `data` back with each event: put the descriptor there. Descriptors are
    //   small numbers, so `callbacks_` can be indexed by them.
    //   man: epoll_ctl(2) "EPOLL_CTL_ADD"   check: runs_the_callback_of_a_ready_descriptor
    async::todo("05.1");
  }

  /// Changes what `fd` is watched for. The callback stays.
  ///
  /// throws    std::system_error "epoll_ctl": ENOENT if it was not added.
  void modify(int fd, std::uint32_t interest) {
    // TODO(05.1): tell the kernel the new interest.
    //   The event replaces the old one as a whole: `data` must be given again.
    //   man: epoll_ctl(2) "EPOLL_CTL_MOD"   check: modify_changes_the_interest
    async::todo("05.1");
  }

  /// Forgets `fd`: its callback is not run again, not even for an event that is already here.
  /// Call it before close(2): afterwards the next accept(2) may reuse the number.
  ///
  /// throws    std::system_error "epoll_ctl": ENOENT if it was not added.
  void remove(int fd) {
    // TODO(05.1): forget it in the kernel, in `callbacks_`, and in the batch under way.
    //   The batch may hold an event for `fd` further on, and a later callback of the same batch
    //   may add a new descriptor with this number. An event without any bits means nothing.
    //   man: epoll_ctl(2) "EPOLL_CTL_DEL"   check: a_removed_descriptor_is_never_called_again
    async::todo("05.1");
  }

  /// Waits until a registered descriptor is ready, then runs the callback of every one that is.
  ///
  /// timeout   longest wait, in milliseconds: 0 polls, -1 waits for ever.
  /// returns   the number of descriptors that were ready, at most 64; 0 when the time passed or a
  ///           signal came.
  /// throws    std::system_error with what epoll_wait(2) reported, EINTR excepted; and whatever a
  ///           callback throws: the rest of the batch is then told again by the next call.
  /// cost      O(ready), not O(registered): that is the point of epoll(7) over poll(2).
  /// source    epoll_wait(2). The batch of 64 is our choice.
  int run_once(std::chrono::milliseconds timeout) {
    // TODO(05.1): wait for a batch of events and run the callback of each.
    //   A callback that removes itself must not be destroyed while it runs: hold a second
    //   shared_ptr to it meanwhile. epoll_wait() returns -1 with EINTR when a signal came.
    //   man: epoll_wait(2)   check: a_callback_may_remove_itself
    async::todo("05.1");
  }

  /// Runs until stop(). A stop() that came before run() ends it at once.
  void run() {
    // TODO(05.1): run batch after batch, until the callback of `wake_` has seen a stop().
    //   Leave `stopped_` as you would like to find it: run() may be called again.
    //   man: epoll_wait(2) "timeout"   check: stop_before_run_is_not_lost
    async::todo("05.1");
  }

  /// Ends run(), from any thread or from a callback: those that are ready by now are served first.
  void stop() {
    // TODO(05.1): make `wake_` readable.
    //   An eventfd is a counter in the kernel: writing adds to it, and it is readable above 0.
    //   man: eventfd(2)   check: stop_wakes_a_loop_that_sleeps
    async::todo("05.1");
  }

 private:
  async::FileDescriptor epoll_{async::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  async::FileDescriptor wake_{async::check("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
  std::array<epoll_event, 64> batch_{};
  std::vector<std::shared_ptr<Callback>> callbacks_;  // by descriptor; null: not registered
  bool stopped_ = false;
};
