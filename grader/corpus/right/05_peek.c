// right: 05 epoll_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: no buffer of its own: it peeks, sends, and then takes what was sent
//
// So a stalled client's bytes stay in the kernel's receive queue, and a client costs no memory
// here. EPOLLONESHOT, armed anew each time; blocking sockets, calls that do not block;
// epoll_pwait() lets the signals in. Out of descriptors it waits for a client to leave, or for half
// a second.

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int epoll, listener, clients, paused;
static volatile sig_atomic_t stop;

static void on_signal(int number) { stop = number; }

static void arm(int operation, int fd, unsigned events) {
  struct epoll_event event = {.events = events | EPOLLONESHOT, .data.fd = fd};
  epoll_ctl(epoll, operation, fd, &event);
}

// Says what to wait for next, 0 if the client is done with.
static unsigned move(int fd) {
  char buffer[20000];
  ssize_t size = recv(fd, buffer, sizeof buffer, MSG_PEEK | MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR ? EPOLLIN : 0;
  if (size == 0) return 0;
  ssize_t sent = send(fd, buffer, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR ? EPOLLOUT : 0;
  while (recv(fd, NULL, sent, MSG_TRUNC | MSG_DONTWAIT) < 0 && errno == EINTR) continue;
  return sent < size ? EPOLLOUT : EPOLLIN;
}

static void take(void) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) {
    clients++;
    arm(EPOLL_CTL_ADD, fd, EPOLLIN);
  } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
    paused = 1;
    return;
  }
  arm(EPOLL_CTL_MOD, listener, EPOLLIN);
}

static void resume(void) {
  if (paused) arm(EPOLL_CTL_MOD, listener, EPOLLIN);
  paused = 0;
}

static void handle(int fd) {
  if (fd == listener) return take();
  unsigned next = move(fd);
  if (next) return arm(EPOLL_CTL_MOD, fd, next);
  close(fd);
  clients--;
  resume();
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int argc, char *argv[]) {
  sigset_t none, both;
  sigemptyset(&none);
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGINT);
  sigprocmask(SIG_BLOCK, &both, NULL);
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
    perror("bind");
    return 1;
  }
  epoll = epoll_create1(EPOLL_CLOEXEC);
  arm(EPOLL_CTL_ADD, listener, EPOLLIN);
  double deadline = 0;
  while (!deadline || (clients > 0 && now() < deadline)) {
    struct epoll_event events[32];
    int timeout = deadline ? (deadline - now()) * 1000 + 1 : paused ? 500 : -1;
    int count = epoll_pwait(epoll, events, 32, timeout, &none);
    for (int i = 0; i < count; i++) handle(events[i].data.fd);
    if (count == 0) resume();
    if (stop && !deadline) {
      deadline = now() + 2;
      paused = 0;
      close(listener);
    }
  }
}
