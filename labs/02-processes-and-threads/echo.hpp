// Lab 02: what every server here does alike: take the next client, echo it until it ends.
// Given: it is lab 01, and it waits in every call.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"

/// Waits a moment where waiting for an event is not possible: for descriptors, processes, threads.
inline void pause_briefly() { ::usleep(100'000); }

/// Sends all of `bytes`. Returns false if the client has gone.
inline bool send_all(int client, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Sends back what the client sends, until it has finished or has gone. Never throws: what becomes
/// of one client is no concern of the others.
inline void echo(int client) {
  std::array<char, 16 * 1024> buffer;  // on the stack of each process and thread: our choice
  while (true) {
    const ssize_t received = ::recv(client, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return;
    if (!send_all(client, {buffer.data(), static_cast<std::size_t>(received)})) return;
  }
}

/// Waits for the next client, however often accept() is interrupted or fails for a while.
///
/// throws    std::system_error: an error that does not pass is a bug of ours, accept(2) "ERRORS".
inline async::FileDescriptor next_client(const async::FileDescriptor& listener) {
  while (true) {
    async::FileDescriptor client = async::accept_client(listener.get());
    if (client) return client;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      pause_briefly();
    } else if (errno != EINTR && errno != ECONNABORTED) {
      async::fail("accept");
    }
  }
}
