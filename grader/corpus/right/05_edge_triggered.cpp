// right: 05 epoll_echo
// build: g++ -std=c++20 -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: edge-triggered, never modified; a ready list with one short turn for each
//
// Out of descriptors it refuses with a spare one. On SIGTERM it leaves when nothing is pending and
// nothing has come for a quarter of a second, without waiting for clients that have nothing to say.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <unordered_map>

struct Client {
  int fd;
  bool readable = false, writable = true, queued = false;
  int begin = 0, end = 0;  // of what is still to be sent
  char buffer[4096];
  bool pending() const { return begin < end; }
  bool ready() const { return pending() ? writable : readable; }
};

int epoll = epoll_create1(EPOLL_CLOEXEC);
int spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
std::unordered_map<int, std::unique_ptr<Client>> clients;
std::deque<int> ready;
bool acceptable = false;

void watch(int fd, unsigned events) {
  epoll_event event{events | EPOLLET, {.fd = fd}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void enqueue(Client& client) {
  if (!client.queued && client.ready()) ready.push_back(client.fd);
  client.queued = client.ready();
}

// accept() says EMFILE even when nobody is waiting: only with a free descriptor does it tell.
bool refuse(int listener) {
  close(spare);
  int fd = accept(listener, nullptr, nullptr);
  if (fd >= 0) close(fd);
  spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return fd >= 0;
}

void accept_some(int listener) {
  for (int turn = 0; acceptable && turn < 50; ++turn) {
    int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      clients[fd] = std::make_unique<Client>(fd);
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    } else if (errno == EMFILE || errno == ENFILE) {
      acceptable = refuse(listener);
    } else if (errno == EAGAIN) {
      acceptable = false;
    }
  }
}

// One turn: a single recv() or send(). False: the client is done with.
bool move_bytes(Client& client) {
  if (client.pending()) {
    auto sent =
        send(client.fd, client.buffer + client.begin, client.end - client.begin, MSG_NOSIGNAL);
    if (sent >= 0) client.begin += sent;
    if (sent < 0 && errno == EAGAIN) client.writable = false;
    return sent >= 0 || errno == EAGAIN || errno == EINTR;
  }
  auto size = recv(client.fd, client.buffer, sizeof client.buffer, 0);
  if (size > 0) client.begin = 0, client.end = size;
  if (size < 0 && errno == EAGAIN) client.readable = false;
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

void take_turns() {
  for (auto left = ready.size(); left > 0; --left) {
    Client& client = *clients.at(ready.front());
    ready.pop_front();
    client.queued = false;
    if (move_bytes(client)) {
      enqueue(client);
    } else {
      close(client.fd);
      clients.erase(client.fd);
    }
  }
}

bool any_pending() {
  for (auto& [fd, client] : clients)
    if (client->pending()) return true;
  return false;
}

int main(int, char* argv[]) {
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigprocmask(SIG_BLOCK, &stop_signals, nullptr);
  int signals = signalfd(-1, &stop_signals, SFD_CLOEXEC);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{AF_INET, htons(std::atoi(argv[1])), {htonl(INADDR_LOOPBACK)}, {}};
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bind");
    return 1;
  }
  listen(listener, 1024);
  watch(listener, EPOLLIN);
  watch(signals, EPOLLIN);

  using clock = std::chrono::steady_clock;
  auto deadline = clock::time_point::max();
  while (clock::now() < deadline) {
    bool stopping = deadline != clock::time_point::max();
    bool busy = acceptable || !ready.empty();
    epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, busy ? 0 : stopping ? 250 : -1);
    if (stopping && !busy && count == 0 && !any_pending()) break;
    for (int i = 0; i < count; ++i) {
      if (int fd = events[i].data.fd; fd == listener) {
        acceptable = true;
      } else if (fd == signals) {
        deadline = std::min(deadline, clock::now() + std::chrono::seconds(2));
        acceptable = false;
        close(listener);
      } else {
        Client& client = *clients.at(fd);
        client.readable |= (events[i].events & ~EPOLLOUT) != 0;
        client.writable |= (events[i].events & ~(EPOLLIN | EPOLLRDHUP)) != 0;
        enqueue(client);
      }
    }
    take_turns();
    accept_some(listener);
  }
}
