// right: 08 uring_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output} -luring
// run: {output} {port}
// unlike the reference: IORING_SETUP_SQPOLL: a kernel thread that sleeps after 100 ms without work
//
// Multishot accept; recv and send take turns. Signals come in by waiting with another signal mask.
// Out of descriptors it waits for a client to leave: each look would cost the thread its 100 ms.

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct client {
  int fd;
  unsigned size, sent;  // size 0: a recv is in flight, otherwise a send
  char buffer[16384];
};

static struct io_uring ring;
static struct client acceptor;         // only its address counts
static int clients, accepting, freed;  // freed: a descriptor, since accept was armed
static volatile sig_atomic_t stop;

static void on_signal(int number) { stop = number; }

static struct io_uring_sqe *next_sqe(void) {
  struct io_uring_sqe *sqe;
  while (!(sqe = io_uring_get_sqe(&ring))) {
    io_uring_submit(&ring);
    io_uring_sqring_wait(&ring);
  }
  return sqe;
}

static void start_accept(void) {
  if (accepting || stop) return;
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_multishot_accept(sqe, acceptor.fd, NULL, NULL, SOCK_CLOEXEC);
  sqe->user_data = (unsigned long)&acceptor;
  accepting = 1;
  freed = 0;
}

static void start(struct client *c) {
  struct io_uring_sqe *sqe = next_sqe();
  if (c->sent < c->size) {
    io_uring_prep_send(sqe, c->fd, c->buffer + c->sent, c->size - c->sent, MSG_WAITALL);
  } else {
    c->size = c->sent = 0;
    io_uring_prep_recv(sqe, c->fd, c->buffer, sizeof c->buffer, 0);
  }
  sqe->user_data = (unsigned long)c;
}

static void completed(struct client *c, int result) {
  if (result > 0) {
    if (c->size == 0)
      c->size = result;
    else
      c->sent += result;
    return start(c);
  }
  close(c->fd);  // nothing of it is in flight any more
  free(c);
  clients--;
  freed = 1;
  start_accept();
}

static void accepted(const struct io_uring_cqe *cqe) {
  if (cqe->res >= 0) {
    struct client *c = calloc(1, sizeof *c);
    c->fd = cqe->res;
    clients++;
    start(c);
  }
  if (cqe->flags & IORING_CQE_F_MORE) return;
  accepting = 0;  // out of descriptors: until a client leaves, if none has left meanwhile
  if (freed || (cqe->res != -EMFILE && cqe->res != -ENFILE)) start_accept();
}

static void reap(void) {
  struct io_uring_cqe *cqe;
  unsigned head, count = 0;
  io_uring_for_each_cqe(&ring, head, cqe) {
    struct client *c = (struct client *)(unsigned long)cqe->user_data;
    count++;
    if (c == &acceptor)
      accepted(cqe);
    else
      completed(c, cqe->res);
  }
  io_uring_cq_advance(&ring, count);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static void set_up(int port) {
  int on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL | IORING_SETUP_CQSIZE,
                                   .sq_thread_idle = 100,
                                   .cq_entries = 8192};
  acceptor.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(acceptor.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(acceptor.fd, (struct sockaddr *)&address, sizeof address) || listen(acceptor.fd, 1024) ||
      (errno = -io_uring_queue_init_params(2048, &ring, &params))) {
    perror("set up");
    exit(1);
  }
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
  set_up(argc > 1 ? atoi(argv[1]) : 12345);
  start_accept();
  double deadline = 0;
  while (!deadline || (clients > 0 && now() < deadline)) {
    struct io_uring_cqe *cqe;
    double left = deadline ? deadline - now() : 5;
    struct __kernel_timespec time = {left, (left - (int)left) * 1e9};
    int forever = !deadline && (accepting || clients > 0);
    io_uring_submit(&ring);
    int error = io_uring_wait_cqes(&ring, &cqe, 1, forever ? NULL : &time, &none);
    reap();
    if (error == -ETIME) start_accept();
    if (stop && !deadline) {
      shutdown(acceptor.fd, SHUT_RDWR);  // ends the accept in flight
      close(acceptor.fd);
      deadline = now() + 2;
    }
  }
}
