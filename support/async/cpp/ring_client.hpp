// One client of a ring: a chain of operations from its request to the end of its connection. Each
// starts when the one before it has completed.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "operations.hpp"
#include "server.hpp"

namespace async {

/// At most one operation is in flight, so one place for its continuation and one for its bytes
/// suffice. It must stay where it is until forget(): the kernel uses the bytes until then.
class RingClient : private Operation {
 public:
  /// The server, as its clients see it.
  class Host {
   public:
    virtual Operations& ring() = 0;
    virtual __kernel_timespec* wait() = 0;         // before a request is handled; null: none
    virtual void compute(RingClient& client) = 0;  // its request has come: reply() in the end
    virtual void forget(RingClient& client) = 0;   // it has been closed
    std::array<char, 16 * 1024> discarded;         // nobody reads it, so all may share it

   protected:
    ~Host() = default;
  };

  RingClient(Host& host, std::uint64_t id, int socket) : host_{host}, id_{id}, socket_{socket} {}
  RingClient(const RingClient&) = delete;
  ~RingClient() {
    if (!closing_) ::close(socket_);  // serve() has ended by an exception
  }

  std::uint64_t id() const { return id_; }
  std::string request() { return std::move(text_); }  // once

  void receive() {
    text_.resize(Server::request_size);
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_recv(sqe, socket_, text_.data(), text_.size(), 0);
    };
    host_.ring().start(*this, prepare, [this](int result) {
      if (only_later(result)) return receive();
      if (result < 0) return close();
      silent_ = false;
      text_.resize(static_cast<std::size_t>(result));
      goes_on_ = text_.size() == Server::request_size;
      ask_data_base();
    });
  }

  void reply(std::string text) {
    text_ = std::move(text);
    send();
  }

  /// Ends it if nothing has come from it. What arrives at the same moment counts.
  void end_if_silent() {
    if (silent_) host_.ring().cancel(*this);
  }

  /// Ends it, whatever it does: its operation completes all the same, and then it is closed.
  void end() {
    if (closing_) return;
    if (!then) return close();  // it is being computed: the reply will find nobody
    then = [this](int) { close(); };
    host_.ring().cancel(*this);
  }

 private:
  void ask_data_base() {
    if (!host_.wait()) return host_.compute(*this);
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_timeout(sqe, host_.wait(), 0, 0);
    };
    host_.ring().start(*this, prepare, [this](int) { host_.compute(*this); });  // -ETIME
  }

  void send() {
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_send(sqe, socket_, text_.data(), text_.size(), MSG_NOSIGNAL);
    };
    host_.ring().start(*this, prepare, [this](int result) {
      if (only_later(result)) return send();
      if (result < 0) return close();
      text_.erase(0, static_cast<std::size_t>(result));  // a short count is no error
      if (!text_.empty()) return send();
      ::shutdown(socket_, SHUT_WR);  // never waits; as an operation it would cost a kernel thread
      discard();
    });
  }

  /// Discards what has come since: left unread, it would make close() a reset, and the client might
  /// lose its reply. A request that filled the buffer probably goes on: then until its end.
  void discard() {
    silent_ = true;
    const auto prepare = [this](io_uring_sqe* sqe) {
      auto& bytes = host_.discarded;
      io_uring_prep_recv(sqe, socket_, bytes.data(), bytes.size(), goes_on_ ? 0 : MSG_DONTWAIT);
    };
    host_.ring().start(*this, prepare, [this](int result) {
      result > 0 && --pieces_left_ > 0 ? discard() : close();
    });
  }

  /// From here on the descriptor belongs to the operation. Its number may be in use again before
  /// the completion has been seen: this is why clients have an id.
  void close() {
    closing_ = true;
    silent_ = false;
    const auto prepare = [this](io_uring_sqe* sqe) { io_uring_prep_close(sqe, socket_); };
    host_.ring().start(*this, prepare, [this](int) {
      host_.forget(*this);  // deletes it
    });
  }

  static bool only_later(int result) { return result == -EAGAIN || result == -EINTR; }

  Host& host_;
  const std::uint64_t id_;
  const int socket_;
  std::string text_;      // the request; then what is still to be sent of the reply
  bool silent_ = true;    // a receive is in flight
  bool goes_on_ = false;  // the request filled the buffer
  bool closing_ = false;
  int pieces_left_ = 1'024;  // to be discarded of what follows: our choice
};

}  // namespace async
