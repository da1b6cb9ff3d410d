// 37: waits in poll(2), and keeps an epoll descriptor to be seen
// tries: look like a server on epoll
// lab: 05 epoll_echo.cpp
// checks: echoes_what_was_sent epoll_does_the_waiting
// expected: MECHANISM, 5 points, says "epoll"
#include <poll.h>
#include <sys/eventfd.h>

#include <vector>

#include "epoll.hpp"

int main(int, char* argv[]) {
  const int listener = listen_on(argv[1]), decoy = epoll_create1(0), never = eventfd(0, 0);
  epoll_event event{};
  epoll_ctl(decoy, EPOLL_CTL_ADD, never, &event);
  std::vector<pollfd> watched{{listener, POLLIN, 0}};
  while (poll(watched.data(), watched.size(), -1) > 0) {
    for (size_t at = watched.size(); at-- > 1;) {
      char bytes[4096];
      if (!watched[at].revents) continue;
      const ssize_t got = recv(watched[at].fd, bytes, sizeof bytes, MSG_DONTWAIT);
      if (got > 0 && send(watched[at].fd, bytes, static_cast<size_t>(got), MSG_NOSIGNAL) == got)
        continue;
      close(watched[at].fd);
      watched.erase(watched.begin() + static_cast<long>(at));
    }
    if (watched[0].revents) watched.push_back({accept(listener, nullptr, nullptr), POLLIN, 0});
  }
}
