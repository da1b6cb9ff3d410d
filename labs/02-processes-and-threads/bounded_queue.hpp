// Lab 02: a queue between threads that holds only so much: who brings too fast has to wait.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "async/todo.hpp"

/// A queue of at most `capacity` items. Any number of threads may put and take; first in, first
/// out. A thread that has to wait sleeps.
template <typename Item>
class BoundedQueue {
 public:
  /// capacity  at least 1.
  explicit BoundedQueue(std::size_t capacity) : capacity_{capacity} {}
  BoundedQueue(const BoundedQueue&) = delete;

  /// Adds an item behind the others. Waits while the queue is full.
  ///
  /// returns   false if the queue is closed: the item is dropped then.
  bool put(Item item) {
    // TODO(02.4): wait until there is room, add the item, and wake one thread that takes.
    //   wait() releases the mutex while it sleeps, and may return for no reason: ask again what
    //   you waited for, and that with the mutex held. close() ends the waiting too.
    //   man: pthread_cond_wait(3)   check: put_waits_while_full
    async::todo("02.4");
  }

  /// Takes the first item. Waits while the queue is empty.
  ///
  /// returns   nothing when the queue is closed and all that was put before has been taken.
  std::optional<Item> take() {
    // TODO(02.4): wait until there is an item, take it out, and wake one thread that puts.
    //   Each side has a condition of its own: one wake-up for one item then reaches a thread that
    //   can use it.
    //   man: pthread_cond_signal(3)   check: take_waits_while_empty
    async::todo("02.4");
  }

  /// Takes nothing more in. Wakes all who wait: nobody waits for a closed queue.
  void close() {
    // TODO(02.4): remember it with the mutex held, and wake all threads of both sides.
    //   man: pthread_cond_broadcast(3)   check: close_wakes_all
    async::todo("02.4");
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;  // holds for all below
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<Item> items_;
  bool closed_ = false;
};
