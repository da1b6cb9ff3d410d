// 38: gives each client a thread, and each thread an epoll set
// tries: pass without an event loop
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent epoll_does_the_waiting
// expected: MECHANISM, 5 points, says "threads"
#include <thread>

#include "epoll.hpp"

void echo(int client) {
  const int set = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = client;
  epoll_ctl(set, EPOLL_CTL_ADD, client, &event);
  char bytes[4096];
  while (true) {
    if (epoll_wait(set, &event, 1, -1) < 0) continue;
    const ssize_t got = recv(client, bytes, sizeof bytes, 0);
    if (got <= 0 || send(client, bytes, static_cast<size_t>(got), MSG_NOSIGNAL) != got) break;
  }
  close(client);
  close(set);
}

int main(int, char* argv[]) {
  const int listener = listen_on(argv[1]), set = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
  while (true)
    if (epoll_wait(set, &event, 1, -1) > 0)
      std::thread(echo, accept(listener, nullptr, nullptr)).detach();
}
