// Lab 04: one thread asks the kernel about all its clients in one call. An echo server on
// select(2).
//
// Try it: start `select_echo`, then `nc 127.0.0.1 12345` in other terminals. `strace -p PID` shows
// the sets that go in, and what comes back.

#include <sys/select.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"
#include "connection.hpp"

using async::FileDescriptor;

/// Descriptors as select(2) knows them: a bit for each below FD_SETSIZE, 1,024.
struct Sets {
  fd_set input;
  fd_set output;
};

/// The server: a listener and its connections.
class EchoServer {
 public:
  explicit EchoServer(FileDescriptor listener) : listener_{std::move(listener)} {
    async::make_nonblocking(listener_.get());
  }

  void run() {
    while (true) serve(wait());
  }

 private:
  /// Sleeps until a descriptor is ready, and returns those that are.
  Sets wait() {
    // TODO(04.1): fill the sets with what each connection wants, and call select().
    //   select() overwrites the sets with those that are ready: fill them anew each time. It looks
    //   at the bits below its first argument, so that is the highest descriptor plus one. EINTR
    //   leaves the sets undefined: ask again.
    //   man: select(2)   check: select_echoes_what_was_sent
    async::todo("04.1");
  }

  /// Puts the listener and all connections into the sets; returns the highest descriptor.
  int fill(Sets& sets) const {
    // TODO(04.1): empty the sets, then add who wants something.
    //   The listener wants input. A connection tells by wants_input() and wants_output().
    //   man: FD_SET(3)   check: select_echoes_what_was_sent
    async::todo("04.1");
  }

  /// Serves those who are ready.
  void serve(const Sets& ready) {
    // TODO(04.1): look at every connection, because select() does not say which: the cost of it.
    //   Output first, so that there is room. A connection that is over is erased: the map closes
    //   it. Newcomers last: they may get the number of one that has just gone.
    //   man: FD_ISSET(3)   check: select_echoes_what_was_sent
    async::todo("04.1");
  }

  /// Somebody waits to be accepted.
  void welcome() {
    FileDescriptor client = async::accept_client(listener_.get(), SOCK_NONBLOCK);
    if (!client) return;  // gone again, or no descriptor is left: the others are served on
    bool fits = true;
    async::written([&] { fits = select_can_hold(client); });
    if (fits) connections_.try_emplace(client.get(), std::move(client));
  }  // else it is closed here: refused, politely

  static bool select_can_hold(const FileDescriptor& client) {
    // TODO(04.2): tell whether the descriptor fits into an fd_set.
    //   FD_SET() does not look: beyond FD_SETSIZE it writes over whatever lies behind the set.
    //   man: select(2) "BUGS"   check: refuses_whom_select_cannot_hold
    async::todo("04.2");
  }

  FileDescriptor listener_;
  std::unordered_map<int, Connection> connections_;  // by descriptor
  std::array<char, 64 * 1024> buffer_;               // one for all: between events it is empty
};

void serve(FileDescriptor listener) { EchoServer{std::move(listener)}.run(); }

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
