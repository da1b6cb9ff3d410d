// Lab 03: two clients in one thread. Neither can hold up the other, because no call waits.
//
// Try it: start `receive_two`, then `nc 127.0.0.1 12345` in two other terminals, and type into
// both in any order. Then look at `top`: this is what never waiting costs.

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"

using async::FileDescriptor;

struct Client {
  int number;
  FileDescriptor socket;
};

/// Waits for a client. This one call may wait: until both have come there is nothing else to do.
Client accept_next(const FileDescriptor& listener, int number) {
  while (true) {
    FileDescriptor socket = async::accept_client(listener.get());
    if (socket) return {number, std::move(socket)};
    if (errno != EINTR && errno != ECONNABORTED) async::fail("accept");
  }
}

/// Prints each line of `text` behind the client's number; the last one may lack its newline.
void print_lines(int number, std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    std::printf("CLIENT %d: ", number);
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::putchar('\n');
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  std::fflush(stdout);
}

/// Prints what has arrived from the client by now. Returns false once it has gone.
bool print_arrived(const Client& client) {
  std::array<char, 64 * 1024> buffer;
  // STEP 03.1: receive once, and tell "nothing yet" from "gone".
  //   On a non-blocking socket -1 with EAGAIN means nothing yet, and is no error. 0 is the end of
  //   file; any other error, a reset for example, means that the client has gone as well.
  //   man: recv(2) "ERRORS"   check: a_silent_client_holds_up_nobody
  const ssize_t received = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
  if (received < 0) return errno == EAGAIN || errno == EINTR;
  print_lines(client.number, {buffer.data(), static_cast<std::size_t>(received)});
  return received > 0;
}

/// Prints what the clients send, until all have gone.
void receive(std::vector<Client> clients) {
  // STEP 03.1: let no call wait, then ask all of them in turn, for ever.
  //   O_NONBLOCK is a flag of the open file; async::make_nonblocking() sets it and keeps the
  //   others. std::erase_if() can ask every client and let go of those that have gone.
  //   man: fcntl(2) "F_SETFL", open(2) "O_NONBLOCK"   check: a_silent_client_holds_up_nobody
  for (const Client& client : clients) async::make_nonblocking(client.socket.get());
  while (!clients.empty()) {
    std::erase_if(clients, [](const Client& client) { return !print_arrived(client); });
  }
}

/// Accepts two clients, and only then listens to what they say.
void serve(FileDescriptor listener) {
  std::vector<Client> clients;
  for (const int number : {1, 2}) clients.push_back(accept_next(listener, number));
  receive(std::move(clients));
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
