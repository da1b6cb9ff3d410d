// The other engine: io_uring(7). Sends and receives of many connections are one system call.
#pragma once

#include <sys/socket.h>

#include <memory>
#include <vector>

#include "async/buffer_ring.hpp"
#include "async/check.hpp"
#include "async/uring.hpp"
#include "engine.hpp"
#include "sources.hpp"

namespace load {

/// One multishot receive for each connection, which takes its buffers from a common ring
/// (Linux 6.0), and one send at a time, which is only complete with its last byte (MSG_WAITALL).
class UringEngine : public Engine {
 public:
  UringEngine(std::vector<Connection>& connections, const Sources& sources, const Pattern& pattern,
              Listener& listener)
      : connections_{connections}, sources_{sources}, pattern_{pattern}, listener_{listener} {
    io_uring_params parameters{};
    parameters.flags =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;  // Linux 6.1
    parameters.cq_entries = 4 * entries;
    const int result = io_uring_queue_init_params(entries, &ring_, &parameters);
    if (result == -EINVAL)
      throw std::runtime_error{"--engine uring needs Linux 6.1 (IORING_SETUP_DEFER_TASKRUN)"};
    if (result < 0) async::no_ring(result);
    buffers_ = std::make_unique<async::BufferRing>(ring_, buffers, buffer_size);
  }
  ~UringEngine() override {
    buffers_.reset();
    io_uring_queue_exit(&ring_);
  }

  void connect(Connection& connection) override {
    io_uring_sqe* sqe = submission(connection, Operation::connect);
    io_uring_prep_connect(sqe, connection.socket.get(), sources_.server(), Sources::size);
    tag(sqe, connection, Operation::connect);
  }

  void send(Connection& connection) override {
    if (connection.sending || connection.unsent() == 0) return;
    const Bytes bytes = pattern_.at(connection.key, connection.sent, connection.unsent());
    io_uring_sqe* sqe = submission(connection, Operation::send);
    io_uring_prep_send(sqe, connection.socket.get(), bytes.data(), bytes.size(),
                       MSG_NOSIGNAL | MSG_WAITALL);
    tag(sqe, connection, Operation::send);
    connection.sending = true;
  }

  /// The kernel's receive holds the socket open: shutdown(2) ends both.
  void close(Connection& connection) override {
    io_uring_submit(&ring_);  // what is prepared still names the descriptor
    ::shutdown(connection.socket.get(), SHUT_RDWR);
    connection.socket = {};
  }

  void wait(Duration longest) override {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(longest);
    __kernel_timespec time{whole.count(), (longest - whole).count()};
    io_uring_cqe* cqe = nullptr;
    const int result = io_uring_submit_and_wait_timeout(&ring_, &cqe, 1, &time, nullptr);
    if (result < 0 && result != -ETIME && result != -EINTR)
      async::check_result("io_uring_enter", result);
    while (const unsigned count = io_uring_peek_batch_cqe(&ring_, batch_.data(), batch_.size())) {
      for (unsigned at = 0; at < count; ++at) handle(*batch_[at]);
      io_uring_cq_advance(&ring_, count);
    }
  }

 private:
  enum class Operation : std::uint64_t { connect, send, receive };
  static constexpr unsigned entries = 4096;
  static constexpr unsigned buffers = 512;
  static constexpr std::size_t buffer_size = 16 << 10;

  io_uring_sqe* submission(Connection&, Operation) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    while (sqe == nullptr) {
      async::check_result("io_uring_submit", io_uring_submit(&ring_));
      sqe = io_uring_get_sqe(&ring_);
    }
    return sqe;
  }

  /// Serial number, operation, index: what a completion is of.
  static void tag(io_uring_sqe* sqe, const Connection& connection, Operation operation) {
    io_uring_sqe_set_data64(sqe, std::uint64_t{connection.serial} << 32 |
                                     static_cast<std::uint64_t>(operation) << 30 |
                                     connection.index);
  }

  void receive(Connection& connection) {
    io_uring_sqe* sqe = submission(connection, Operation::receive);
    io_uring_prep_recv_multishot(sqe, connection.socket.get(), nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = async::BufferRing::group;
    tag(sqe, connection, Operation::receive);
  }

  void handle(const io_uring_cqe& cqe) {
    Connection& connection = connections_[cqe.user_data & 0x3fff'ffff];
    const auto operation = static_cast<Operation>(cqe.user_data >> 30 & 3);
    const bool present = connection.serial == cqe.user_data >> 32 && connection.socket;
    if (operation == Operation::receive) return received(connection, cqe, present);
    if (!present) return;
    if (cqe.res < 0) return listener_.lost(connection, -cqe.res);
    if (operation == Operation::connect) {
      receive(connection);
      return listener_.connected(connection);
    }
    connection.sending = false;
    connection.sent += static_cast<std::uint64_t>(cqe.res);
    send(connection);
  }

  void received(Connection& connection, const io_uring_cqe& cqe, bool present) {
    if (cqe.flags & IORING_CQE_F_BUFFER) {
      const auto id = static_cast<std::uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
      const std::uint32_t serial = connection.serial;
      if (present && cqe.res > 0)
        listener_.received(connection, buffers_->bytes(id, static_cast<std::size_t>(cqe.res)));
      buffers_->give_back(id);
      present = present && connection.serial == serial && connection.socket;
    }
    if (!present) return;
    if (cqe.res == -ENOBUFS) buffers_->grow();
    if (cqe.res == 0 || (cqe.res < 0 && cqe.res != -ENOBUFS))
      return listener_.lost(connection, -cqe.res);
    if (!(cqe.flags & IORING_CQE_F_MORE)) receive(connection);  // it ran out of buffers, or of room
  }

  std::vector<Connection>& connections_;
  const Sources& sources_;
  const Pattern& pattern_;
  Listener& listener_;
  io_uring ring_{};
  std::unique_ptr<async::BufferRing> buffers_;
  std::array<io_uring_cqe*, 256> batch_{};
};

}  // namespace load
