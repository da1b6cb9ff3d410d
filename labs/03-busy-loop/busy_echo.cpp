// Lab 03: any number of clients in one thread, by asking all of them all the time. An echo server.
//
// Try it: start `busy_echo`, `nc 127.0.0.1 12345` in other terminals; then end it with Ctrl-C and
// read the price.

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"

using async::FileDescriptor;

long found_nothing = 0;                   // calls that returned EAGAIN
volatile std::sig_atomic_t stopping = 0;  // the only type that a signal handler may write

/// Tells whether the last call failed only for now, and counts the calls that found nothing.
bool only_later() {
  if (errno == EAGAIN) ++found_nothing;
  return errno == EAGAIN || errno == EINTR;
}

/// One client: its socket, and what it has not taken yet.
class Connection {
 public:
  explicit Connection(FileDescriptor socket) : socket_{std::move(socket)} {}

  /// Does what can be done for this client now, and never waits. Returns false once it has gone.
  bool turn(std::span<char> buffer) {
    if (!pending_.empty()) {
      // TODO(03.3): offer what waits, and receive nothing new before it has gone.
      //   That is the high-water mark: at most one buffer waits, however much the client sends.
      //   Its further bytes stay in the kernel, whose queue fills, and TCP makes the client wait.
      //   man: tcp(7)   check: a_client_that_never_reads_costs_bounded_memory
      async::todo("03.3");
    }
    return echo(buffer);
  }

 private:
  /// Receives once and offers it back. Returns false once the client has gone.
  bool echo(std::span<char> buffer) {
    // TODO(03.2): receive what is there, and send it back.
    //   only_later() tells EAGAIN from an error, and counts it. 0 bytes: the client has finished.
    //   man: recv(2) "RETURN VALUE"   check: echoes_to_any_number_of_clients
    async::todo("03.2");
  }

  /// Sends what the kernel takes of `bytes`, and keeps the rest. Returns false on an error.
  bool offer(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == std::ssize(bytes)) {  // the usual case: the kernel took it all
      pending_.clear();
      return true;
    }
    // TODO(03.3): keep what send() did not take.
    //   A short count is no error; -1 with EAGAIN means that it took nothing. The bytes may lie
    //   in `pending_` itself: copy the rest before you overwrite it.
    //   man: send(2) "RETURN VALUE"   check: keeps_what_send_did_not_take
    async::todo("03.3");
  }

  FileDescriptor socket_;
  std::string pending_;  // received, not yet echoed
};

/// One turn: takes the clients that have come, then tries each client once.
void turn(const FileDescriptor& listener, std::vector<Connection>& clients) {
  static std::array<char, 64 * 1024> buffer;  // one for all: between turns it is empty
  // TODO(03.2): accept until nobody waits, then give every client its turn.
  //   The clients must not block either, and do not inherit that: SOCK_NONBLOCK. Out of
  //   descriptors? Those who wait go on waiting; the next turn asks again.
  //   man: accept(2) "ERRORS"   check: echoes_to_any_number_of_clients
  async::todo("03.2");
}

/// Prints what it cost to ask all the time, in one line, for example:
/// price: 1.98 s on the CPU in 2.00 s, 7700000 calls found nothing
void print_price(std::chrono::steady_clock::time_point start) {
  // TODO(03.4): face the price.
  //   The time on the CPU is what the process spent in user mode and in the kernel together.
  //   man: getrusage(2) "ru_utime", "ru_stime"   check: tells_the_price
  async::todo("03.4");
}

/// Serves until SIGINT (Ctrl-C) or SIGTERM.
void serve(FileDescriptor listener) {
  const auto start = std::chrono::steady_clock::now();
  async::make_nonblocking(listener.get());
  std::vector<Connection> clients;
  while (!stopping) turn(listener, clients);
  print_price(start);
}

int main(int argc, char* argv[]) {
  for (const int number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopping = 1; });
  return async::run_server(argc, argv, serve);
}
