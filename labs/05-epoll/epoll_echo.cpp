// Lab 05: one thread, many clients, asleep while nobody wants anything. An echo server on epoll(7).
//
// Try it: start `epoll_echo`, then `nc 127.0.0.1 12345` in other terminals. `strace -p PID` shows
// it sleeping in epoll_wait(), and three calls a message; `kill PID` ends it politely.

#include <sys/signalfd.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <csignal>
#include <unordered_map>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"
#include "async/timer.hpp"
#include "connection.hpp"
#include "event_loop.hpp"

using async::FileDescriptor;

/// The server: a listener, its connections, a timer, all on one loop.
class EchoServer {
 public:
  explicit EchoServer(FileDescriptor listener) : listener_{std::move(listener)} {
    async::make_nonblocking(listener_.get());
    loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { welcome(); });
    loop_.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) { on_timer(); });
    async::written([this] { watch_signals(); });
  }

  void run() { loop_.run(); }

 private:
  static constexpr int budget = 16;  // clients, or full buffers, in one event: our choice

  /// Somebody waits to be accepted.
  void welcome() {
    if (accept_one()) async::written([this] { accept_more(); });
  }

  /// Accepts one client and watches it. Returns false if there was none.
  bool accept_one() {
    FileDescriptor client = async::accept_client(listener_.get(), SOCK_NONBLOCK);
    if (client) {
      adopt(std::move(client));
      return true;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      pause_accepting();
    }
    return false;  // other errors concern this client or this call only, accept(2) "ERRORS"
  }

  /// Takes a new client into the map, and has serve() called whenever it is ready.
  void adopt(FileDescriptor client) {
    // TODO(05.2): make it a Connection of `connections_`, by its descriptor, and add it to the loop.
    //   The map owns the connection: to erase it is to close it. Elements of an unordered_map
    //   stay where they are, so the callback may keep a reference.
    //   man: epoll(7)   check: echoes_what_was_sent
    async::todo("05.2");
  }

  /// A connection is ready, or was: events are hints, so what to do follows from its own state.
  void serve(Connection& connection) {
    connection.quiet = false;
    Wants wants = connection.advance(buffer_);
    if (wants == Wants::more) async::written([&] { wants = advance_more(connection); });
    if (wants == Wants::end) return close(connection);
    watch(connection, wants == Wants::output ? EPOLLOUT : EPOLLIN);
  }

  /// Watches a connection for what it wants now.
  void watch(Connection& connection, std::uint32_t interest) {
    if (interest == connection.interest) return;  // the usual case, without a system call
    // TODO(05.3): tell the loop, and remember it.
    //   EPOLLOUT only while bytes wait: a socket that takes bytes is ready all the time.
    //   EPOLLIN only while none wait: a client that never reads would wake you for nothing.
    //   man: epoll_ctl(2) "EPOLLOUT"   check: asleep_with_a_client_that_never_reads
    async::todo("05.3");
  }

  void close(const Connection& connection) {
    const int fd = connection.fd();
    loop_.remove(fd);
    connections_.erase(fd);
    if (paused_ && !stopping_) resume_accepting();
  }

  /// Accepts those who wait behind the first one, as long as the others need not wait for it.
  void accept_more() {
    // TODO(05.4): accept further clients, up to the budget.
    //   Each event is worth more than one client, but a flood of them must leave the others their
    //   turn. Level-triggered: who still waits is told again.
    //   man: epoll(7) "Possible pitfalls"   check: a_flood_starves_nobody
    async::todo("05.4");
  }

  /// Goes on with a connection that filled the buffer, as long as the others need not wait for it.
  Wants advance_more(Connection& connection) {
    // TODO(05.4): go on while the connection wants more, up to the budget.
    //   Return what it wants in the end. A recv() after a buffer that did not fill would only
    //   find EAGAIN: that is a system call a message.
    //   man: epoll(7) "Starvation"   check: a_flood_starves_nobody
    async::todo("05.4");
  }

  /// No descriptor is left for those who wait: leaves them waiting.
  void pause_accepting() {
    // TODO(05.5): stop watching the listener, and try again in a second.
    //   It stays ready, so the loop would spin. A connection that closes frees a descriptor, see
    //   close(); the timer helps where there is none of ours to close.
    //   man: accept(2) "EMFILE", "ENFILE"   check: asleep_when_out_of_descriptors
    async::todo("05.5");
  }

  /// Ends pause_accepting().
  void resume_accepting() {
    // TODO(05.5): watch the listener again.
    //   Too early costs nothing: the next accept() tells.
    //   man: epoll_ctl(2) "EPOLL_CTL_MOD"   check: accepts_again_when_a_client_leaves
    async::todo("05.5");
  }

  /// One timer for both: it was made while there were descriptors.
  void on_timer() {
    timer_.acknowledge();
    if (stopping_) return tick();
    if (paused_) resume_accepting();
  }

  /// Turns SIGTERM and SIGINT (Ctrl-C) into events: finish() runs when one comes.
  void watch_signals() {
    // TODO(05.6): block the signals, and read them from a descriptor of the loop instead.
    //   A signal that is not blocked still ends the process. Keep the descriptor in `signals_`.
    //   man: signalfd(2), sigprocmask(2)   check: stops_on_sigterm
    async::todo("05.6");
  }

  /// Accepts nobody any more, and gives what is under way two seconds, in twenty ticks.
  void finish() {
    // TODO(05.6): take those who wait already, close the listener, and start to tick.
    //   finish() must not run twice: nobody reads the signal, so its descriptor stays ready.
    //   man: signalfd(2), listen(2)   check: stops_on_sigterm
    async::todo("05.6");
  }

  /// Closes who has had nothing to do since the last tick; stops when all have gone, or time is up.
  void tick() {
    // TODO(05.6): close the idle connections that were quiet, mark the others, start the timer.
    //   Quiet for a tick, not only idle now: the client's next bytes may be on their way, and to
    //   close before they come resets the connection and loses what it has not read yet.
    //   man: timerfd_create(2)   check: finishes_what_is_under_way
    async::todo("05.6");
  }

  EventLoop loop_;
  async::Timer timer_;
  FileDescriptor listener_;
  FileDescriptor signals_;
  std::unordered_map<int, Connection> connections_;
  std::array<char, 64 * 1024> buffer_;  // one for all: between events it is empty
  bool paused_ = false;                 // out of descriptors
  bool stopping_ = false;               // SIGTERM came
  int ticks_left_ = 20;                 // then: of 100 ms
};

int main(int argc, char* argv[]) { return async::run_server<EchoServer>(argc, argv); }
