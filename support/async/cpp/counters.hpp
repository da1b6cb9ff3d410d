// Numbers that a process shares with the children that it forks: memory mapped MAP_SHARED.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <new>

#include "async/check.hpp"

namespace async {

/// What a server counts. Atomic numbers without a lock also work between processes.
struct Numbers {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> failures{0};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// Owns a page with these numbers. Children that are forked later count in the same page.
///
/// source    mmap(2), "MAP_SHARED", "MAP_ANONYMOUS"; fork(2)
class Counters {
 public:
  Counters() {
    void* page =
        ::mmap(nullptr, sizeof(Numbers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) fail("mmap");
    numbers_ = ::new (page) Numbers;
  }
  Counters(const Counters&) = delete;
  ~Counters() { ::munmap(numbers_, sizeof(Numbers)); }

  Numbers* operator->() const noexcept { return numbers_; }

 private:
  Numbers* numbers_ = nullptr;
};

}  // namespace async
