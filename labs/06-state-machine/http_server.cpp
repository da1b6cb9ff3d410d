// Lab 06: files, uploads and a gateway over HTTP/1.1, in one thread. RFC 9110 and 9112.
//
// Try it: start `http_server --root DIR`, then `curl -v http://127.0.0.1:12345/`. openat2(2) needs
// Linux 5.6. `--upstream HOST:PORT` names the server behind /upstream/; uploads go to DIR/upload/.

#include <fcntl.h>
#include <sys/signalfd.h>

#include <chrono>
#include <csignal>
#include <unordered_map>
#include <utility>

#include "answering.hpp"
#include "async/check.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"
#include "async/timer.hpp"
#include "connection.hpp"
#include "deadlines.hpp"
#include "receiving.hpp"
#include "relaying.hpp"

using async::FileDescriptor;
using http::Connection;

/// The server: a listener, its connections, timers and signals, all on one loop.
class HttpServer {
 public:
  HttpServer(FileDescriptor listener, const async::Arguments& arguments)
      : listener_{std::move(listener)} {
    const int root = ::open(arguments.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    site_.root = FileDescriptor{async::check("open --root", root)};
    if (!arguments.upstream_host.empty()) {
      site_.upstream = http::resolve(arguments.upstream_host, arguments.upstream_port);
    }
    site_.settle = [this](Connection& connection) { settle(connection); };
    async::make_nonblocking(listener_.get());
    site_.loop.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { welcome(); });
    site_.loop.add(timer_.fd(), EPOLLIN, [this](std::uint32_t) { on_timer(); });
    async::written([this] { watch_signals(); });
  }

  void run() { site_.loop.run(); }

 private:
  static constexpr std::chrono::seconds patience{3};  // with who does not get on: our choice
  static constexpr int budget = 16;                   // clients in one event: our choice

  /// Accepts those who wait, as long as the others need not wait for it. Returns true if more may
  /// be waiting.
  bool welcome() {
    for (int left = budget; left > 0; --left) {
      FileDescriptor client = async::accept_client(listener_.get(), SOCK_NONBLOCK);
      if (client) {
        adopt(std::move(client));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        pause_accepting();
        return false;
      } else {
        return false;  // nobody waits; other errors concern this client only, accept(2) "ERRORS"
      }
    }
    return true;
  }

  void adopt(FileDescriptor client) {
    const int fd = client.get();
    Connection& connection = connections_.try_emplace(fd, std::move(client), site_).first->second;
    site_.loop.add(fd, EPOLLIN, [this, &connection](std::uint32_t events) {
      connection.on_ready(events);
      settle(connection);
    });
    async::written([&] { deadlines_.begin(fd); });
  }

  /// A connection has done something: watches it for what it needs now, or closes it.
  void settle(Connection& connection) {
    const int fd = connection.fd();
    if (connection.phase() == http::Phase::over) return close(fd);
    connection.quiet = false;
    if (connection.progressed()) async::written([&] { deadlines_.begin(fd); });
    const std::uint32_t interest = connection.interest();
    if (interest == connection.watched) return;  // the usual case, without a system call
    site_.loop.modify(fd, interest);
    connection.watched = interest;
  }

  void close(int fd) {
    site_.loop.remove(fd);
    deadlines_.end(fd);
    connections_.erase(fd);
    if (paused_ && !site_.stopping) resume_accepting();
  }

  void expire(int fd) {
    Connection& connection = connections_.at(fd);
    connection.on_deadline();
    settle(connection);
  }

  /// No descriptor is left: stops watching the listener, until one is free or a second has passed.
  void pause_accepting() {
    site_.loop.modify(listener_.get(), 0);
    site_.files.clear();  // these descriptors are of more use to clients
    paused_ = true;
    timer_.start(std::chrono::seconds{1});
  }

  void resume_accepting() {
    paused_ = false;
    site_.loop.modify(listener_.get(), EPOLLIN);
  }

  void on_timer() {
    timer_.acknowledge();
    if (site_.stopping) return tick();
    if (paused_) resume_accepting();
  }

  /// Turns SIGTERM and SIGINT (Ctrl-C) into events: finish() runs when one comes.
  void watch_signals() {
    // TODO(06.4): block the signals, and read them from a descriptor of the loop instead.
    //   As in lab 05. Keep the descriptor in `signals_`.
    //   man: signalfd(2), sigprocmask(2)   check: stops_on_sigterm
    async::todo("06.4");
  }

  /// Accepts nobody any more, and gives what is under way two seconds, in twenty ticks.
  void finish() {
    // TODO(06.4): take those who wait already, close the listener, and start to tick.
    //   To close the listener resets all who wait there, and welcome() takes only some of them.
    //   Replies from now on are the last on their connection: `site_.stopping`. Nobody reads the
    //   signal, so its descriptor stays ready: finish() must not run twice.
    //   man: signalfd(2), listen(2)   check: serves_those_who_wait_at_sigterm
    async::todo("06.4");
  }

  /// Closes who has been idle since the last tick; stops when all have gone, or time is up.
  void tick() {
    // TODO(06.4): close the idle connections that were quiet, mark the others, start the timer.
    //   Quiet for a tick, not only idle now: a request may be on its way. A connection that says
    //   farewell is idle as well: its client has got all that it is going to get.
    //   man: timerfd_create(2)   check: finishes_what_is_under_way
    async::todo("06.4");
  }

  http::Site site_;
  async::Timer timer_;
  FileDescriptor listener_;
  FileDescriptor signals_;
  http::Deadlines deadlines_{site_.loop, patience, [this](int fd) { expire(fd); }};
  std::unordered_map<int, Connection> connections_;  // by descriptor
  bool paused_ = false;                              // out of descriptors
  int ticks_left_ = 20;                              // once it stops: of 100 ms
};

int main(int argc, char* argv[]) {
  std::signal(SIGPIPE, SIG_IGN);  // sendfile(2) has no MSG_NOSIGNAL: EPIPE is enough, signal(7)
  return async::run_server<HttpServer>(argc, argv, {.root = true, .upstream = true});
}
