// What the hostile submissions of lab 05 pretend to be: a right echo server on epoll, small, with
// weak spots to be chosen. The line that includes it is replaced by its text.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

struct Ways {
  int time_out = -1;         // of epoll_wait(), milliseconds
  bool always_out = false;   // EPOLLOUT is always armed
  bool hoards = false;       // receives on, however much waits to be sent
  bool insists = false;      // out of descriptors it accepts on
  bool retries = false;      // sends again at once while the kernel says `not now`
  void (*beside)() = [] {};  // what it does after each wait
};

class Echo {
 public:
  Echo(int listener, Ways ways) : listener_{listener}, ways_{ways} {
    fcntl(listener_, F_SETFL, O_NONBLOCK);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    while (true) {
      epoll_event events[64];
      const int count = epoll_wait(epoll_, events, 64, ways_.time_out);
      ways_.beside();
      for (int at = 0; at < count; ++at)
        events[at].data.fd == listener_ ? welcome() : serve(events[at].data.fd);
    }
  }

 private:
  void watch(int how, int fd, unsigned events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_, how, fd, &event);
  }

  void welcome() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0) {
      waiting_[client];
      return watch(EPOLL_CTL_ADD, client, ways_.always_out ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
    if (errno == EMFILE && !ways_.insists) watch(EPOLL_CTL_MOD, listener_, 0);
  }

  void serve(int client) {
    std::string& waiting = waiting_[client];
    static char bytes[16384];
    if (waiting.size() < 65536 || ways_.hoards) {
      const ssize_t got = recv(client, bytes, sizeof bytes, 0);
      if (got > 0) waiting.append(bytes, static_cast<size_t>(got));
      if (got == 0 || (got < 0 && errno != EAGAIN)) return leave(client);
    }
    do {
      const ssize_t sent = send(client, waiting.data(), waiting.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return leave(client);
      if (sent > 0) waiting.erase(0, static_cast<size_t>(sent));
    } while (ways_.retries && !waiting.empty());
    unsigned events = waiting.empty() ? EPOLLIN : ways_.hoards ? EPOLLIN | EPOLLOUT : EPOLLOUT;
    watch(EPOLL_CTL_MOD, client, ways_.always_out ? EPOLLIN | EPOLLOUT : events);
  }

  void leave(int client) {
    close(client);
    waiting_.erase(client);
    watch(EPOLL_CTL_MOD, listener_, EPOLLIN);
  }

  int listener_, epoll_ = epoll_create1(EPOLL_CLOEXEC);
  Ways ways_;
  std::map<int, std::string> waiting_;
};

inline int listen_on(const char* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) _exit(3);
  if (listen(listener, 1024) != 0) _exit(4);
  return listener;
}

[[noreturn]] inline void serve(char* argv[], Ways ways) { Echo{listen_on(argv[1]), ways}.run(); }
