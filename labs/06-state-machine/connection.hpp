// Lab 06: one client as a state machine: what it is doing now, and what an event makes of that.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/todo.hpp"
#include "gateway.hpp"
#include "incoming.hpp"
#include "outgoing.hpp"
#include "request_parser.hpp"
#include "response.hpp"
#include "site.hpp"
#include "upload.hpp"

namespace http {

/// What a connection is doing.
enum class Phase {
  idle,      // between two requests, or before the first
  head,      // the head of a request has begun
  body,      // the body of an upload comes in
  reply,     // a reply goes out
  relay,     // the second server is asked, and its reply goes out
  farewell,  // our side is closed; what the client still sends is thrown away
  over,      // to be closed
};

/// One client: its socket, the request that it is sending, the reply that it gets.
class Connection {
 public:
  Connection(async::FileDescriptor socket, Site& site) : socket_{std::move(socket)}, site_{site} {}
  Connection(const Connection&) = delete;
  ~Connection() { watch_gateway(0); }

  int fd() const { return socket_.get(); }
  Phase phase() const { return phase_; }

  /// Its socket, or that of its gateway, may be ready: does what can be done now, never waits, and
  /// leaves the others their turn.
  void on_ready(std::uint32_t events = 0) {
    const bool gone = events & EPOLLERR || (events & EPOLLHUP && phase_ != Phase::farewell);
    if (gone) phase_ = Phase::over;
    in_.may_receive();
    waits_ = false;
    for (int left = budget; left > 0 && !waits_ && phase_ != Phase::over; --left) {
      phase_ = (this->*row().ready)();
    }
    watch_gateway(phase_ == Phase::relay && waits_ && out_.empty() ? gateway_->interest() : 0);
  }

  /// Its time is up.
  void on_deadline() {
    phase_ = (this->*row().expired)();
    on_ready();
  }

  /// What to watch its socket for: output, which is nearly always ready, if its turn ended early.
  std::uint32_t interest() const { return !waits_ || !out_.empty() ? EPOLLOUT : row().interest; }

  /// Has it got on since the last call? A head that comes byte by byte has not: its time began
  /// with its first byte. Nor has a body before `enough` bytes more of it are there.
  bool progressed() { return std::exchange(progress_, false); }

  std::uint32_t watched = EPOLLIN;  // what the loop watches it for
  bool quiet = false;               // nothing has happened since the last tick

 private:
  static constexpr int budget = 16;         // steps in one turn: our choice
  static constexpr int enough = 1024;       // bytes of a body that are progress: our choice
  using Handler = Phase (Connection::*)();  // does one thing, and returns the phase behind it

  struct Row {
    Phase phase;
    std::uint32_t interest;  // what is waited for
    Handler ready;           // when it may have come
    Handler expired;         // when nothing has come for too long
  };

  const Row& row() const {
    static constexpr Row rows[] = {
        {Phase::idle, EPOLLIN, &Connection::receive_head, &Connection::leave},
        {Phase::head, EPOLLIN, &Connection::receive_head, &Connection::say_too_late},
        {Phase::body, EPOLLIN, &Connection::receive_body, &Connection::say_too_late},
        {Phase::reply, EPOLLOUT, &Connection::send_reply, &Connection::leave_if_stuck},
        {Phase::relay, 0, &Connection::relay, &Connection::say_no_answer},
        {Phase::farewell, EPOLLIN, &Connection::discard, &Connection::leave},
        {Phase::over, 0, &Connection::leave, &Connection::leave},
    };
    return rows[static_cast<std::size_t>(phase_)];
  }

  // The handlers: receiving.hpp, answering.hpp, relaying.hpp.
  Phase receive_head();
  Phase receive_body();
  Phase discard();
  Phase leave() { return Phase::over; }
  Phase leave_if_stuck();
  Phase say_too_late();
  Phase say_no_answer();
  Phase send_reply();
  Phase relay();

  bool receive();
  void keep_sending();
  Phase after_reply();
  Phase next_request();
  void decide_persistence();
  Phase route();
  Phase refuse(int status, std::string_view fields = {});
  Phase send_file(std::string_view target);
  Phase begin_upload(std::string_view target);
  Phase begin_relay(std::string_view path);
  void watch_gateway(std::uint32_t interest);

  const Request& request() const { return parser_.request(); }

  async::FileDescriptor socket_;
  Site& site_;
  Phase phase_ = Phase::idle;
  Phase after_reply_ =
      Phase::idle;   // where the reply leads: idle, farewell, or body (100 Continue)
  Persistence how_;  // of the reply under way
  RequestParser parser_;
  Incoming in_;
  Outgoing out_;
  std::optional<Upload> upload_;
  std::uint64_t body_left_ = 0;  // bytes of the upload still to come
  std::optional<Gateway> gateway_;
  std::uint32_t gateway_watched_ = 0;
  bool ended_ = false;     // the client has finished, or its connection has failed
  bool waits_ = false;     // nothing can be done until something is ready
  bool progress_ = false;  // see progressed()
};

}  // namespace http
