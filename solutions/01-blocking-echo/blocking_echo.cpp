// Lab 01: one thread, one client at a time. An echo server made of calls that wait.
//
// Try it: start `blocking_echo`, then `nc 127.0.0.1 12345` in two other terminals. What you type
// in the second one comes back only after you have ended the first one with Ctrl-D.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "async/socket.hpp"

using async::FileDescriptor;

/// Sends all of `bytes`, however many calls it takes, and waits while the client is slow to read.
///
/// throws    std::system_error: EPIPE or ECONNRESET if the client has gone. MSG_NOSIGNAL, because
///           otherwise EPIPE comes with SIGPIPE, which ends the process, send(2).
void send_all(int client, std::string_view bytes) {
  const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent == std::ssize(bytes)) return;  // the usual case: the kernel took it all
  // STEP 01.2: send the rest.
  //   A signal that comes while send() waits makes it return what it has taken so far: a short
  //   count; or -1 with EINTR if that is nothing. Any other error ends this client: async::fail()
  //   throws what errno says.
  //   man: send(2) "RETURN VALUE", signal(7)   check: sends_all_of_it
  if (sent < 0 && errno != EINTR) async::fail("send");
  bytes.remove_prefix(std::max<ssize_t>(sent, 0));
  send_all(client, bytes);
}

/// Sends back what the client sends, until it has finished: end of file.
void echo(int client) {
  std::array<char, 64 * 1024> buffer;
  // STEP 01.1: receive and send back, again and again.
  //   recv() waits for at least one byte and returns what there is: no lines, no messages. 0 is
  //   the end of file. -1 with EINTR means that a signal came first: nothing is lost, ask again.
  //   man: recv(2) "RETURN VALUE"   check: echoes_until_end_of_file
  while (true) {
    const ssize_t received = ::recv(client, buffer.data(), buffer.size(), 0);
    if (received == 0) return;
    if (received < 0 && errno == EINTR) continue;
    async::check("recv", received);
    send_all(client, {buffer.data(), static_cast<std::size_t>(received)});
  }
}

/// Waits for the next client. Returns an empty descriptor if there is none this time.
FileDescriptor next_client(const FileDescriptor& listener) {
  FileDescriptor client = async::accept_client(listener.get());
  if (client) return client;
  // STEP 01.3: tell what passes from what lasts.
  //   EINTR and ECONNABORTED concern this call only. EMFILE, ENFILE, ENOBUFS and ENOMEM last for
  //   a while, and accept() returns at once as long as they do: wait a little. Others are a bug:
  //   async::fail() ends the program, and main() tells which it was.
  //   man: accept(2) "ERRORS"   check: survives_errors_of_accept
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    ::usleep(100'000);  // a tenth of a second
  } else if (errno != EINTR && errno != ECONNABORTED) {
    async::fail("accept");
  }
  return client;
}

/// Serves one client from its arrival to its end; its descriptor is closed on every way out.
void serve_next(const FileDescriptor& listener) {
  const FileDescriptor client = next_client(listener);
  if (!client) return;
  try {
    echo(client.get());
  } catch (const std::system_error& error) {
    // STEP 01.3: keep one client's error from ending the service.
    //   ECONNRESET or EPIPE: this client has gone, and nobody else needs to know.
    //   man: recv(2) "ERRORS", send(2) "ERRORS"   check: survives_a_reset
    std::fprintf(stderr, "client lost: %s\n", error.what());
  }
}

/// Serves for ever.
void serve(FileDescriptor listener) {
  serve_next(listener);  // the first client
  // STEP 01.3: serve the next one, and the next, whatever became of the last.
  //   Meanwhile the others wait in the kernel's queue: connected, and their bytes received.
  //   man: listen(2) "backlog"   check: serves_one_after_the_other
  while (true) serve_next(listener);
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
