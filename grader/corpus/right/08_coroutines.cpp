// right: 08 uring_echo
// build: g++ -std=c++20 -Wall -Wextra -O2 {source} -o {output} -luring
// run: {output} {port}
// unlike the reference: a C++20 coroutine per client, whose frame holds the buffer
//
// On SIGTERM the accept in flight is cancelled; out of descriptors it looks again twice a second.

#include <arpa/inet.h>
#include <liburing.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <coroutine>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

io_uring ring;
int clients = 0;
bool stopping = false, finished = false;

/// A coroutine that nobody waits for: it starts at once and frees itself at its end.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// One operation; `co_await` gives what its completion says. It lives in the coroutine's frame.
struct Operation {
  io_uring_sqe* sqe;
  std::coroutine_handle<> waiting = nullptr;
  int result = 0;

  bool await_ready() { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    waiting = coroutine;
    io_uring_sqe_set_data(sqe, this);
  }
  int await_resume() { return result; }
};

/// prepare(io_uring_prep_recv, fd, ...)
template <class Prepare, class... Arguments>
Operation prepare(Prepare prep, Arguments... arguments) {
  if (io_uring_sq_space_left(&ring) == 0) io_uring_submit(&ring);
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  prep(sqe, arguments...);
  return {sqe};
}

Operation sleep_for(__kernel_timespec* time) {
  return prepare(io_uring_prep_timeout, time, 0u, 0u);
}

Task echo(int fd) {
  ++clients;
  char buffer[5000];
  for (;;) {
    int size = co_await prepare(io_uring_prep_recv, fd, buffer, sizeof buffer, 0);
    if (size <= 0) break;
    int sent = 0, result = 1;
    while (sent < size && result > 0) {
      result = co_await prepare(io_uring_prep_send, fd, buffer + sent, size - sent, 0);
      if (result > 0) sent += result;
    }
    if (sent < size) break;
  }
  co_await prepare(io_uring_prep_close, fd);
  --clients;
}

Operation* accepting = nullptr;  // what the acceptor waits for at present

Task accept_all(int listener) {
  __kernel_timespec half{0, 500'000'000};
  while (!stopping) {
    auto operation = prepare(io_uring_prep_accept, listener, nullptr, nullptr, SOCK_CLOEXEC);
    accepting = &operation;
    int fd = co_await operation;
    if (fd >= 0) echo(fd);
    if (fd == -EMFILE || fd == -ENFILE) {
      auto pause = sleep_for(&half);
      accepting = &pause;
      co_await pause;
    }
  }
  close(listener);
}

Task stop(int signals) {
  co_await prepare(io_uring_prep_poll_add, signals, POLLIN);
  stopping = true;
  prepare(io_uring_prep_cancel, accepting, 0).sqe->user_data = 0;
  __kernel_timespec two{2, 0};
  co_await sleep_for(&two);
  finished = true;
}

int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {}};
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) || listen(fd, 1024)) {
    std::perror("bind");
    std::exit(1);
  }
  return fd;
}

int main(int, char* argv[]) {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGINT);
  sigprocmask(SIG_BLOCK, &both, nullptr);
  int listener = listen_on(std::atoi(argv[1]));
  if (int error = io_uring_queue_init(512, &ring, 0); error < 0) {
    std::fprintf(stderr, "io_uring_queue_init: %s\n", std::strerror(-error));
    return 1;
  }
  accept_all(listener);
  stop(signalfd(-1, &both, SFD_CLOEXEC));
  while (!finished && !(stopping && clients == 0)) {
    io_uring_submit_and_wait(&ring, 1);
    io_uring_cqe* cqe;
    while (io_uring_peek_cqe(&ring, &cqe) == 0) {
      auto* operation = static_cast<Operation*>(io_uring_cqe_get_data(cqe));
      int result = cqe->res;
      io_uring_cqe_seen(&ring, cqe);
      if (!operation) continue;
      operation->result = result;
      operation->waiting.resume();
    }
  }
}
