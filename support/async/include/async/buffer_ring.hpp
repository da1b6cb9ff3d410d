// Buffers that the kernel picks from when data has come: an idle connection holds none.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "async/check.hpp"
#include "async/uring.hpp"

namespace async {

/// A ring of buffers of one size, registered with an io_uring as buffer group `group`.
/// A completion with IORING_CQE_F_BUFFER names the buffer that it used: the buffer is ours until
/// give_back(). The kernel takes them in turn, so each has left the processor's cache when it comes
/// round again if they are many: there are few to begin with, and grow() makes them as many as are
/// in use at once.
///
/// kernel    5.19; io_uring_register_buf_ring(3)
class BufferRing {
 public:
  static constexpr int group = 0;

  /// count     at most so many: a power of two, at most 32,768
  /// size      of each buffer, in bytes
  BufferRing(io_uring& ring, unsigned count, std::size_t size)
      : ring_{ring},
        count_{count},
        size_{size},
        memory_{map(count * (sizeof(io_uring_buf) + size))} {
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory_);
    registration.ring_entries = count_;
    registration.bgid = group;
    const int result = io_uring_register_buf_ring(&ring_, &registration, 0);
    if (result < 0) unmap();
    check_result("io_uring_register_buf_ring", result);
    io_uring_buf_ring_init(entries());
    while (made_ < std::min(count_, at_first)) grow();
  }
  BufferRing(const BufferRing&) = delete;
  ~BufferRing() {
    io_uring_unregister_buf_ring(&ring_, group);
    unmap();
  }

  /// One buffer more, up to `count`: for a receive that has ended with -ENOBUFS.
  void grow() {
    if (made_ < count_) give_back(static_cast<std::uint16_t>(made_++));
  }

  /// The first `used` bytes of a buffer.
  std::string_view bytes(std::uint16_t id, std::size_t used) const { return {buffer(id), used}; }

  /// Lets the kernel use a buffer again.
  void give_back(std::uint16_t id) {
    const int mask = io_uring_buf_ring_mask(count_);
    io_uring_buf_ring_add(entries(), buffer(id), static_cast<unsigned>(size_), id, mask, 0);
    io_uring_buf_ring_advance(entries(), 1);
  }

 private:
  static constexpr unsigned at_first = 16;

  static char* map(std::size_t size) {  // page-aligned, as the kernel wants the entries
    void* memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    return static_cast<char*>(memory);
  }
  void unmap() noexcept { ::munmap(memory_, count_ * (sizeof(io_uring_buf) + size_)); }
  io_uring_buf_ring* entries() const { return reinterpret_cast<io_uring_buf_ring*>(memory_); }
  char* buffer(std::uint16_t id) const {
    return memory_ + count_ * sizeof(io_uring_buf) + id * size_;  // behind the entries
  }

  io_uring& ring_;
  unsigned count_;
  unsigned made_ = 0;
  std::size_t size_;
  char* memory_;
};

}  // namespace async
