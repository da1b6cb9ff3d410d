// One client served by calls that wait: what the synchronous, the process and the thread model
// share. Every place that waits also waits for stop().
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "async/check.hpp"
#include "async/socket.hpp"
#include "server.hpp"

namespace async {

class BlockingServer : public Server {
 public:
  using Server::Server;

 protected:
  /// Serves a client from its request to the end of its connection.
  void converse(FileDescriptor client) {
    try {
      const std::optional<std::string> request = receive(client.get());
      if (!request || !ask_data_base()) return;
      if (send_all(client.get(), answer(*request))) {
        say_goodbye(client.get(), request->size() == request_size);
      }
    } catch (const std::exception& problem) {  // out of memory, for example: the others go on
      log(std::string{"error: "} + problem.what());
    }
  }

  /// Waits for a client, for stop(), or for one of `others`. Returns false when stop() came.
  bool wait_for_client(const FileDescriptor& listener, std::span<const int> others = {}) {
    const int door = paused_ ? -1 : listener.get();  // poll(2) ignores negative descriptors
    std::vector<pollfd> watched{{door, POLLIN, 0}, {stop_fd(), POLLIN, 0}};
    for (const int fd : others) watched.push_back({fd, POLLIN, 0});
    const int ready = ::poll(watched.data(), watched.size(),
                             paused_ ? static_cast<int>(accept_pause.count()) : -1);
    if (ready < 0 && errno == EINTR) return true;
    check("poll", ready);
    paused_ = false;
    return watched[1].revents == 0;
  }

  /// Accepts a client; an empty descriptor if there is none (a non-blocking listener says so).
  FileDescriptor next_client(const FileDescriptor& listener) {
    FileDescriptor client = accept_client(listener.get());
    if (client) {
      welcome(client.get());
    } else if (out_of_resources(errno)) {
      pause();
    }
    return client;
  }

  /// Something has run out, and the client would still be there: the next wait is without it.
  void pause() { paused_ = true; }

 private:
  /// Waits for `fd`. Returns false when stop() came first, or `longest` has passed.
  bool ready(int fd, short events, std::chrono::milliseconds longest = -1ms) {
    std::array<pollfd, 2> watched{{{fd, events, 0}, {stop_fd(), POLLIN, 0}}};
    while (::poll(watched.data(), watched.size(), static_cast<int>(longest.count())) < 0) {
      if (errno != EINTR) fail("poll");
    }
    return watched[0].revents != 0;
  }

  /// What one recv() brings; nothing if stop() or a reset came first.
  std::optional<std::string> receive(int client) {
    std::array<char, request_size> buffer;
    while (ready(client, POLLIN)) {
      const ssize_t size = ::recv(client, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size >= 0) return std::string{buffer.data(), static_cast<std::size_t>(size)};
      if (errno != EAGAIN && errno != EINTR) break;
    }
    return {};
  }

  /// Waits as if a data base were asked. Returns false if stop() leaves no time for that.
  bool ask_data_base() {
    if (service().wait <= 0ms) return true;
    const auto due = std::chrono::steady_clock::now() + service().wait;
    ready(-1, 0, service().wait);
    if (due - std::chrono::steady_clock::now() > grace) return false;
    std::this_thread::sleep_until(due);
    return true;
  }

  /// Sends a reply whole. Returns false if the client is gone, or does not read it.
  bool send_all(int client, std::string_view reply) {
    while (!reply.empty()) {
      const ssize_t sent = ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        reply.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN ? !takes_bytes(client) : errno != EINTR) {
        return false;
      }
    }
    return true;
  }
  bool takes_bytes(int client) {
    if (ready(client, POLLOUT)) return true;
    pollfd watched{client, POLLOUT, 0};  // stop() came
    return ::poll(&watched, 1, static_cast<int>(std::chrono::milliseconds{grace}.count())) > 0;
  }

  /// Ends a connection so that the client gets its reply: bytes that were not received when close()
  /// is called make it a reset, and that may overtake the reply. A request that filled the buffer
  /// probably goes on; it is given 200 ms for each further piece. All bounds are our choice.
  void say_goodbye(int client, bool goes_on) {
    std::array<char, 16 * 1024> rest;
    ::shutdown(client, SHUT_WR);
    for (int pieces = 1024; pieces > 0; --pieces) {
      const ssize_t size = ::recv(client, rest.data(), rest.size(), MSG_DONTWAIT);
      if (size > 0) continue;
      if (size == 0 || errno != EAGAIN || !goes_on || !ready(client, POLLIN, 200ms)) return;
    }
  }

  bool paused_ = false;
};

}  // namespace async
