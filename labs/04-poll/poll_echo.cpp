// Lab 04: the same server on poll(2): a list of descriptors as long as you like, instead of bits.
//
// Try it: start `poll_echo`, then `nc 127.0.0.1 12345` in other terminals. `strace -p PID` shows
// the list that goes in each time, silent clients and all.

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"
#include "connection.hpp"

using async::FileDescriptor;

/// The server: a listener and its connections.
class EchoServer {
 public:
  explicit EchoServer(FileDescriptor listener) : listener_{std::move(listener)} {
    async::make_nonblocking(listener_.get());
  }

  void run() {
    while (true) {
      wait();
      for (const pollfd& entry : watched_) {
        if (entry.revents != 0) serve(entry);
      }
    }
  }

 private:
  /// Sleeps until a descriptor is ready: `watched_` then says which, in `revents`.
  void wait() {
    // TODO(04.3): list what each connection wants, and call poll().
    //   poll() leaves `events` alone and writes `revents`. EINTR: nothing is ready, ask again.
    //   man: poll(2)   check: poll_echoes_what_was_sent
    async::todo("04.3");
  }

  /// What a connection wants, as poll(2) calls it.
  static short interest(const Connection& connection) {
    // TODO(04.3): POLLIN, POLLOUT or both.
    //   man: poll(2) "POLLIN", "POLLOUT"   check: poll_echoes_what_was_sent
    async::todo("04.3");
  }

  /// Serves one who is ready.
  void serve(const pollfd& entry) {
    if (entry.fd == listener_.get()) return welcome();
    // TODO(04.3): do what it is ready for, and erase it when it is over.
    //   POLLERR and POLLHUP come unasked, and come again until you act: nobody is left who could
    //   read, so the connection is over. Output first, so that there is room.
    //   man: poll(2) "POLLHUP"   check: a_reset_harms_nobody
    async::todo("04.3");
  }

  /// Somebody waits to be accepted.
  void welcome() {
    FileDescriptor client = async::accept_client(listener_.get(), SOCK_NONBLOCK);
    if (client) connections_.try_emplace(client.get(), std::move(client));
  }

  FileDescriptor listener_;
  std::unordered_map<int, Connection> connections_;  // by descriptor
  std::vector<pollfd> watched_;                      // made anew for each wait
  std::array<char, 64 * 1024> buffer_;               // one for all: between events it is empty
};

void serve(FileDescriptor listener) { EchoServer{std::move(listener)}.run(); }

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
