// Buffers that an io_uring picks from.
#include "async/buffer_ring.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <set>
#include <string>

#include "async/file_descriptor.hpp"

namespace {

/// A ring with buffers, and two ends of a connection: what is sent to one is received by the ring.
class BufferRing : public testing::Test {
 protected:
  void SetUp() override {
    if (const int result = io_uring_queue_init(8, &ring_, 0); result < 0) {
      GTEST_SKIP() << "no io_uring here: " << std::strerror(-result);
    }
    int ends[2];
    async::check("socketpair", ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    here_ = async::FileDescriptor{ends[0]};
    there_ = async::FileDescriptor{ends[1]};
  }
  void provide(unsigned count) {
    try {
      buffers_.emplace(ring_, count, 16);
    } catch (const std::system_error& error) {
      if (error.code().value() != EINVAL) throw;
      GTEST_SKIP() << "no buffer rings before Linux 5.19";
    }
  }
  void TearDown() override {
    buffers_.reset();
    if (ring_.ring_fd > 0) io_uring_queue_exit(&ring_);
  }

  /// Sends a text, receives it into a buffer of the kernel's choice.
  io_uring_cqe receive(const std::string& text) {
    EXPECT_EQ(::send(there_.get(), text.data(), text.size(), 0), std::ssize(text));
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    io_uring_prep_recv(sqe, here_.get(), nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = async::BufferRing::group;
    io_uring_cqe* cqe = nullptr;
    EXPECT_EQ(io_uring_submit(&ring_), 1);
    EXPECT_EQ(io_uring_wait_cqe(&ring_, &cqe), 0);
    const io_uring_cqe completion = *cqe;
    io_uring_cqe_seen(&ring_, cqe);
    return completion;
  }
  static std::uint16_t id(const io_uring_cqe& cqe) {
    return static_cast<std::uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
  }

  io_uring ring_{};
  async::FileDescriptor here_, there_;
  std::optional<async::BufferRing> buffers_;
};

TEST_F(BufferRing, hands_out_what_was_given_back) {
  provide(2);
  if (IsSkipped()) return;
  for (int round = 0; round < 10; ++round) {  // more rounds than buffers
    const std::string text = "round " + std::to_string(round);
    const io_uring_cqe cqe = receive(text);
    ASSERT_EQ(cqe.res, std::ssize(text)) << "round " << round;
    EXPECT_EQ(buffers_->bytes(id(cqe), text.size()), text);
    buffers_->give_back(id(cqe));
  }
}

TEST_F(BufferRing, grows_up_to_its_limit) {
  provide(32);
  if (IsSkipped()) return;
  std::set<int> used;
  int grown = 0;
  while (used.size() < 32) {  // none is given back
    const io_uring_cqe cqe = receive("x");
    if (cqe.res == -ENOBUFS) {
      ASSERT_LT(grown++, 32);
      buffers_->grow();
    } else {
      ASSERT_GE(cqe.res, 1);  // with what the receive before could not take
      EXPECT_TRUE(used.insert(id(cqe)).second) << "handed out twice: " << id(cqe);
    }
  }
  EXPECT_GT(grown, 0);
  buffers_->grow();
  EXPECT_EQ(receive("x").res, -ENOBUFS);
}

}  // namespace
