// Lab 08: one thread, many clients, and no readiness: an echo server on io_uring(7).
// Kernel 5.15 or later; from 6.0 on one operation receives, or accepts, again and again.
//
// Try it: start `uring_echo`, then `nc 127.0.0.1 12345` in other terminals. `strace -p PID` shows
// only io_uring_enter(), and under load far less than one a message.

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "async/buffer_ring.hpp"
#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/uring.hpp"
#include "connection.hpp"
#include "ring.hpp"

using async::FileDescriptor;

class EchoServer {
 public:
  explicit EchoServer(FileDescriptor listener) : listener_{std::move(listener)} {
    if (ring_.has_multishot()) multishot_ = async::written([this] { provide_buffers(); });
    async::written([this] { watch_signals(); });
    accept();
  }

  void run() {
    while (!stopped_) {
      if (!async::written([this] { complete_batch(); })) complete_one();
    }
  }

 private:
  static constexpr std::size_t buffer_size = 64 * 1024;  // our choice; there are up to 128
  static constexpr std::size_t high_water = 64 * 1024;   // bytes that may wait: our choice

  /// Puts an operation into the queue. It starts with the next submit.
  template <typename Prepare>
  void start(Op op, int fd, Prepare prepare) {
    io_uring_sqe* sqe = ring_.next();
    prepare(sqe);
    io_uring_sqe_set_data64(sqe,
                            user_data(op, fd));  // last: before liburing 2.2 prepare cleared it
  }
  template <typename Prepare>
  void start(Op op, Connection& connection, Prepare prepare) {
    start(op, connection.fd(), prepare);
    ++connection.in_flight;
  }

  /// Waits for one completion and handles it.
  void complete_one() {
    // STEP 08.1: submit, wait for a completion, hand a copy to complete(), free its place.
    //   The functions return -errno and leave errno alone. -EINTR: a signal came, that is all.
    //   man: io_uring_wait_cqe(3), io_uring_cqe_seen(3)   check: accepts_through_the_ring
    io_uring_cqe* cqe = nullptr;
    async::check_result("io_uring_submit", io_uring_submit(ring_.get()));
    const int result = io_uring_wait_cqe(ring_.get(), &cqe);
    if (result == -EINTR) return;
    async::check_result("io_uring_wait_cqe", result);
    const io_uring_cqe completion = *cqe;
    io_uring_cqe_seen(ring_.get(), cqe);
    complete(completion);
  }

  /// Starts all that is prepared and waits, in one system call; then handles all that completed.
  void complete_batch() {
    // STEP 08.5: one system call, many completions.
    //   While you handle them their answers pile up, and start together with the next call.
    //   -EAGAIN and -EBUSY mean that the kernel first wants to get rid of completions.
    //   man: io_uring_submit_and_wait(3), io_uring_cq_advance(3)   check: few_system_calls
    const int result = io_uring_submit_and_wait(ring_.get(), 1);
    if (result != -EINTR && result != -EAGAIN && result != -EBUSY) {
      async::check_result("io_uring_submit_and_wait", result);
    }
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* cqe = nullptr;
    io_uring_for_each_cqe(ring_.get(), head, cqe) {
      complete(*cqe);
      ++count;
    }
    io_uring_cq_advance(ring_.get(), count);
  }

  /// Handles one completion: of the server itself, or of one of its connections.
  void complete(const io_uring_cqe& cqe) {
    switch (const auto op = static_cast<Op>(cqe.user_data >> 32)) {
      case Op::accept:
        return on_accepted(cqe);
      case Op::retry:
        return accept();
      case Op::signal:
        return finish();
      case Op::tick:
        return tick();
      default:
        complete(op, connections_.at(static_cast<int>(cqe.user_data & 0xffff'ffff)), cqe);
    }
  }
  void complete(Op op, Connection& connection, const io_uring_cqe& cqe) {
    if (!(cqe.flags & IORING_CQE_F_MORE)) --connection.in_flight;
    connection.quiet = false;
    if (op == Op::receive) on_received(connection, cqe);
    if (op == Op::send) on_sent(connection, cqe.res);
    if (op == Op::send && connection.borrowed) give_back(connection);
    advance(connection);
  }

  /// Keeps an accept in flight.
  void accept() {
    if (stopping_) return;
    if (multishot_) return accept_many();
    // STEP 08.1: start an accept.
    //   The socket need not be non-blocking: only the operation waits. With O_NONBLOCK it would
    //   not even do that, but complete with -EAGAIN.
    //   man: io_uring_prep_accept(3)   check: accepts_through_the_ring
    start(Op::accept, listener_.get(), [this](io_uring_sqe* sqe) {
      io_uring_prep_accept(sqe, listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    });
  }

  /// A client has come, or accept has failed. Without IORING_CQE_F_MORE the operation has ended.
  void on_accepted(const io_uring_cqe& cqe) {
    // STEP 08.1: adopt() the client, and accept the next.
    //   An error, -EMFILE for example, may last: accept_later(). F_MORE: the operation goes on.
    //   man: io_uring_prep_accept(3) "CQE ERRORS"   check: accepts_through_the_ring
    if (cqe.res >= 0) adopt(FileDescriptor{cqe.res});
    if (cqe.flags & IORING_CQE_F_MORE) return;
    cqe.res >= 0 ? accept() : accept_later();
  }

  void accept_later() {
    start(Op::retry, -1,
          [this](io_uring_sqe* sqe) { io_uring_prep_timeout(sqe, &retry_delay_, 0, 0); });
  }

  void adopt(FileDescriptor client) {
    const int fd = client.get();
    Connection& connection = connections_.try_emplace(fd, std::move(client)).first->second;
    async::written([&] { receive(connection); });
  }

  /// Starts what a connection needs next; closes it when it has finished.
  void advance(Connection& connection) {
    if (connection.closing) return close(connection);
    send(connection);
    receive(connection);
    if (connection.finished && connection.idle()) close(connection);
  }

  /// Keeps a receive in flight while there is room for what it brings.
  void receive(Connection& connection) {
    const bool room = !connection.finished && connection.waiting.size() < high_water;
    if (connection.receive_in_flight == room) return;
    if (!room) return pause(connection);
    connection.receive_in_flight = true;
    if (multishot_) return receive_many(connection);
    // STEP 08.2: start a receive into the connection's buffer.
    //   The kernel writes into it when data comes: until the completion it must stay in place.
    //   man: io_uring_prep_recv(3)   check: echoes_what_was_sent
    connection.buffer.resize(buffer_size);
    start(Op::receive, connection, [&](io_uring_sqe* sqe) {
      io_uring_prep_recv(sqe, connection.fd(), connection.buffer.data(), buffer_size, 0);
    });
  }

  /// A receive has brought bytes, the end of file, or an error.
  void on_received(Connection& connection, const io_uring_cqe& cqe) {
    if (!(cqe.flags & IORING_CQE_F_MORE)) connection.receive_in_flight = connection.pausing = false;
    if (cqe.res == -ENOBUFS && buffers_) buffers_->grow();
    // STEP 08.2: take() the bytes, note the end of file, tell the errors that pass from the others.
    //   -EINTR, -EAGAIN, -ENOBUFS (no buffer was free) and -ECANCELED (see pause()) pass: advance()
    //   receives again. Any other ends the connection: `closing`. errno says nothing at all here.
    //   man: io_uring_prep_recv(3) "CQE ERRORS"   check: a_reset_harms_nobody
    const int result = cqe.res;
    if (result > 0) take(connection, cqe);
    if (result == 0) connection.finished = true;
    if (result < 0 && !passes(result)) connection.closing = true;
  }
  static bool passes(int result) {
    return result == -EINTR || result == -EAGAIN || result == -ENOBUFS || result == -ECANCELED;
  }

  /// Moves what a receive has brought to the bytes that are to be sent.
  void take(Connection& connection, const io_uring_cqe& cqe) {
    const auto size = static_cast<std::size_t>(cqe.res);
    if (!(cqe.flags & IORING_CQE_F_BUFFER)) {
      connection.waiting.append(connection.buffer, 0, size);
      return;
    }
    // STEP 08.4: have it sent from the buffer that the kernel chose, or copy it to what waits.
    //   The buffer's number stands in the upper half of the flags. To spare the copy set `sending`
    //   and `borrowed`; give_back() follows when the send has ended. That is right only while
    //   `sending` is empty, or the bytes would overtake others, and not for a connection that is
    //   closing, which sends no more. A buffer that is not borrowed goes back at once.
    //   man: io_uring_register_buf_ring(3)   check: the_ring_does_the_work
    const auto id = static_cast<std::uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
    if (connection.sending.empty() && !connection.closing) {
      connection.sending = buffers_->bytes(id, size);
      connection.borrowed = id;
    } else {
      connection.waiting += buffers_->bytes(id, size);
      buffers_->give_back(id);
    }
  }

  /// A send from a borrowed buffer has ended: gives it back.
  void give_back(Connection& connection) {
    // STEP 08.4: keep() what the send has left, and give the buffer back.
    //   The buffers are there for all: one that were kept until its client reads would be missing
    //   elsewhere. send() asks the kernel not to wait with it, so it comes back at once.
    //   man: io_uring_buf_ring_add(3)   check: a_stalled_client_takes_no_buffers_from_others
    connection.keep(std::string{connection.sending});
    buffers_->give_back(*std::exchange(connection.borrowed, std::nullopt));
  }

  /// Starts a send of what waits, unless one is in flight.
  void send(Connection& connection) {
    if (connection.send_in_flight) return;
    if (connection.sending.empty()) connection.keep(std::exchange(connection.waiting, {}));
    if (connection.sending.empty()) return;
    const int flags = connection.borrowed ? MSG_NOSIGNAL | MSG_DONTWAIT : MSG_NOSIGNAL;
    // STEP 08.2: start a send of `sending`, with `flags`.
    //   The kernel reads from it until the completion: it must neither move nor change.
    //   man: io_uring_prep_send(3)   check: echoes_what_was_sent
    connection.send_in_flight = true;
    start(Op::send, connection, [&](io_uring_sqe* sqe) {
      const std::string_view bytes = connection.sending;
      io_uring_prep_send(sqe, connection.fd(), bytes.data(), bytes.size(), flags);
    });
  }

  /// A send has taken some bytes, or failed.
  void on_sent(Connection& connection, int result) {
    connection.send_in_flight = false;
    // STEP 08.2: keep in `sending` what the send did not take; advance() sends it next.
    //   A short count is no error, nor are -EINTR and -EAGAIN. Any other: set `closing`.
    //   man: io_uring_prep_send(3) "CQE ERRORS"   check: keeps_what_send_did_not_take
    if (result < 0 && !passes(result)) connection.closing = true;
    connection.sending.remove_prefix(static_cast<std::size_t>(std::max(result, 0)));
  }

  /// Closes a connection: at once if the kernel has no operation of it left, else as soon as then.
  void close(Connection& connection) {
    connection.closing = true;
    if (connection.in_flight == 0) {
      connections_.erase(connection.fd());
      return;
    }
    // STEP 08.3: make the operations in flight end; advance() comes back when one has.
    //   close(2) would not end them: they hold the open file, and the peer would not even see an
    //   end of file. After shutdown(2) a receive completes with 0 and a send with -EPIPE.
    //   man: shutdown(2), io_uring_prep_cancel(3)   check: closes_with_operations_in_flight
    ::shutdown(connection.fd(), SHUT_RDWR);  // may fail: a reset has ended them already
  }

  /// Makes the buffers for receive_many().
  void provide_buffers() {
    // STEP 08.4: make `buffers_`.
    //   The kernel picks one only when data has come: grow() makes them as many as are in use at
    //   once, not as there are connections. One that is too small makes more completions; of one
    //   that is too large only the pages that are written to take memory.
    //   man: io_uring_register_buf_ring(3)   check: one_submission_serves_many
    buffers_.emplace(*ring_.get(), 128, buffer_size);
  }

  void accept_many() {
    // STEP 08.4: start an accept that completes again and again.
    //   It goes on while its completions carry IORING_CQE_F_MORE; on_accepted() asks for that.
    //   man: io_uring_prep_multishot_accept(3)   check: one_submission_serves_many
    start(Op::accept, listener_.get(), [this](io_uring_sqe* sqe) {
      io_uring_prep_multishot_accept(sqe, listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    });
  }

  void receive_many(Connection& connection) {
    // STEP 08.4: start a receive that completes again and again, each time with another buffer.
    //   IOSQE_BUFFER_SELECT and buf_group leave the choice to the kernel: give no buffer, no size.
    //   If none is free it ends with -ENOBUFS; advance() then starts another. That cannot spin: no
    //   buffer is kept longer than until the next submit. IORING_RECVSEND_POLL_FIRST, in `ioprio`,
    //   spares a try that would mostly find nothing, and has it wait for its turn.
    //   man: io_uring_prep_recv_multishot(3)   check: one_submission_serves_many
    start(Op::receive, connection, [&](io_uring_sqe* sqe) {
      io_uring_prep_recv_multishot(sqe, connection.fd(), nullptr, 0, 0);
      sqe->flags |= IOSQE_BUFFER_SELECT;
      sqe->buf_group = async::BufferRing::group;
      sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    });
  }

  /// Ends a multishot receive whose client does not read what it gets back.
  void pause(Connection& connection) {
    if (std::exchange(connection.pausing, true)) return;
    // STEP 08.4: cancel the receive; what is on its way still comes.
    //   It completes a last time, with -ECANCELED; the cancel itself completes as well.
    //   man: io_uring_prep_cancel64(3)   check: a_stalled_client_takes_no_buffers_from_others
    start(Op::cancel, connection, [&](io_uring_sqe* sqe) {
      io_uring_prep_cancel64(sqe, user_data(Op::receive, connection.fd()), 0);
    });
  }

  /// Turns SIGTERM and SIGINT (Ctrl-C) into a completion: finish() runs when one comes.
  void watch_signals() {
    // STEP 08.3: block the signals, make `signals_`, and start a poll of it.
    //   A signal that is not blocked still ends the process.
    //   man: signalfd(2), io_uring_prep_poll_add(3)   check: stops_on_sigterm
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&set, number);
    async::check("sigprocmask", ::sigprocmask(SIG_BLOCK, &set, nullptr));
    signals_ = FileDescriptor{async::check("signalfd", ::signalfd(-1, &set, SFD_CLOEXEC))};
    start(Op::signal, signals_.get(),
          [this](io_uring_sqe* sqe) { io_uring_prep_poll_add(sqe, signals_.get(), POLLIN); });
  }

  /// Accepts nobody any more, and gives what is under way two seconds, in twenty ticks.
  void finish() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);  // ends the accept in flight
    tick();
  }

  /// Closes who has had nothing to do since the last tick; stops when all have gone, or time is up.
  void tick() {
    // STEP 08.3: close the idle connections that were quiet, mark the others, start the next tick.
    //   Quiet for a tick, not only idle now: the client's next bytes may be on their way, and to
    //   close before they come resets the connection and loses what it has not read yet.
    //   man: io_uring_prep_timeout(3)   check: stops_on_sigterm
    for (auto next = connections_.begin(); next != connections_.end();) {
      Connection& connection = (next++)->second;  // one ahead: close() may erase
      if (std::exchange(connection.quiet, true) && connection.idle()) close(connection);
    }
    stopped_ = connections_.empty() || ticks_left_-- == 0;
    start(Op::tick, -1,
          [this](io_uring_sqe* sqe) { io_uring_prep_timeout(sqe, &tick_length_, 0, 0); });
  }

  FileDescriptor listener_;
  FileDescriptor signals_;
  std::unordered_map<int, Connection> connections_;  // outlives the ring: the kernel uses its bytes
  Ring ring_;
  std::optional<async::BufferRing> buffers_;
  __kernel_timespec retry_delay_{.tv_sec = 0, .tv_nsec = 500'000'000};  // after a failed accept
  __kernel_timespec tick_length_{.tv_sec = 0, .tv_nsec = 100'000'000};
  bool multishot_ = false;
  bool stopping_ = false;  // SIGTERM came
  bool stopped_ = false;
  int ticks_left_ = 20;
};

int main(int argc, char* argv[]) { return async::run_server<EchoServer>(argc, argv); }
