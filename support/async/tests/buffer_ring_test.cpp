// Buffers that an io_uring picks from.
#include "async/buffer_ring.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <string>

#include "async/file_descriptor.hpp"

namespace {

TEST(BufferRing, hands_out_what_was_given_back) {
  io_uring ring{};
  if (const int result = io_uring_queue_init(8, &ring, 0); result < 0) {
    GTEST_SKIP() << "no io_uring here: " << std::strerror(-result);
  }
  try {
    async::BufferRing buffers{ring, 2, 16};
    int ends[2];
    async::check("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    const async::FileDescriptor here{ends[0]};
    const async::FileDescriptor there{ends[1]};
    for (int round = 0; round < 10; ++round) {  // more rounds than buffers
      const std::string text = "round " + std::to_string(round);
      ASSERT_EQ(::send(there.get(), text.data(), text.size(), 0), std::ssize(text));
      io_uring_sqe* sqe = io_uring_get_sqe(&ring);
      io_uring_prep_recv(sqe, here.get(), nullptr, 0, 0);
      sqe->flags |= IOSQE_BUFFER_SELECT;
      sqe->buf_group = async::BufferRing::group;
      io_uring_cqe* cqe = nullptr;
      ASSERT_EQ(io_uring_submit(&ring), 1);
      ASSERT_EQ(io_uring_wait_cqe(&ring, &cqe), 0);
      ASSERT_EQ(cqe->res, static_cast<int>(text.size())) << "round " << round;
      const auto id = static_cast<std::uint16_t>(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
      EXPECT_EQ(buffers.bytes(id, text.size()), text);
      io_uring_cqe_seen(&ring, cqe);
      buffers.give_back(id);
    }
  } catch (const std::system_error& error) {
    io_uring_queue_exit(&ring);
    if (error.code().value() == EINVAL) GTEST_SKIP() << "no buffer rings before Linux 5.19";
    throw;
  }
  io_uring_queue_exit(&ring);
}

}  // namespace
