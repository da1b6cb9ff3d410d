// right: 08 uring_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output} -luring
// run: {output} {port}
// unlike the reference: single-shot accept and recv; each send is linked with the next recv
//
// MSG_WAITALL makes a short send an error of the chain, which cancels the recv. No set-up flags;
// the signals come by reading a signalfd on the ring. Out of descriptors: a client leaves, or a
// second.

#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
  int fd, in_flight, failed, received;  // received: the result of the last recv
  unsigned size, sent;
  char buffer[8192];
};

enum { RECV, SEND, ACCEPT, SIGNAL, RETRY, DEADLINE };  // the low bits of user_data

static struct io_uring ring;
static int listener, signals, clients, accepting, retrying, stopping;

static struct io_uring_sqe *next_sqe(void) {
  if (io_uring_sq_space_left(&ring) < 2) io_uring_submit(&ring);  // room for a whole chain
  return io_uring_get_sqe(&ring);
}

static void mark(struct io_uring_sqe *sqe, struct client *c, unsigned operation) {
  sqe->user_data = (unsigned long)c | operation;
}

static void start_accept(void) {
  if (accepting || stopping) return;
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
  mark(sqe, NULL, ACCEPT);
  accepting = 1;
}

static void start_timer(int seconds, unsigned operation) {
  static struct __kernel_timespec times[3] = {{0, 0}, {1, 0}, {2, 0}};
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_timeout(sqe, &times[seconds], 0, 0);
  mark(sqe, NULL, operation);
}

static void start(struct client *c) {
  struct io_uring_sqe *sqe = next_sqe();
  c->in_flight = 1;
  if (c->sent < c->size) {
    io_uring_prep_send(sqe, c->fd, c->buffer + c->sent, c->size - c->sent, MSG_WAITALL);
    mark(sqe, c, SEND);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(&ring);
    c->in_flight = 2;
  }
  io_uring_prep_recv(sqe, c->fd, c->buffer, sizeof c->buffer, 0);
  mark(sqe, c, RECV);
}

static void completed(struct client *c, unsigned operation, int result) {
  if (operation == RECV) c->received = result;
  if (operation == SEND && result > 0) c->sent += result;
  if (operation == SEND && result < 0) c->failed = 1;
  if (--c->in_flight > 0) return;
  // The whole chain is back: only now is it decided what comes next.
  int all_sent = c->sent == c->size;
  if (c->failed || (all_sent && c->received <= 0)) {
    close(c->fd);
    free(c);
    clients--;
    return start_accept();
  }
  if (all_sent) {
    c->size = c->received;
    c->sent = 0;
  }
  start(c);  // after a short send: the rest, and the recv that was cancelled
}

static void accepted(int result) {
  accepting = 0;
  if (result >= 0) {
    struct client *c = calloc(1, sizeof *c);
    c->fd = result;
    clients++;
    start(c);
  } else if (result == -EMFILE || result == -ENFILE || result == -ENOMEM) {
    if (!retrying) start_timer(1, RETRY);  // or when a client leaves, whichever comes first
    retrying = 1;
    return;
  }
  start_accept();
}

static void stop(void) {
  stopping = 1;
  shutdown(listener, SHUT_RDWR);  // ends the accept in flight
  close(listener);
  start_timer(2, DEADLINE);
}

int main(int argc, char *argv[]) {
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGTERM);
  sigaddset(&both, SIGINT);
  sigprocmask(SIG_BLOCK, &both, NULL);
  signals = signalfd(-1, &both, SFD_CLOEXEC);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
    perror("bind");
    return 1;
  }
  int error = io_uring_queue_init(1024, &ring, 0);
  if (error < 0) {
    fprintf(stderr, "io_uring_queue_init: %s\n", strerror(-error));
    return 1;
  }
  static struct signalfd_siginfo info;
  struct io_uring_sqe *sqe = next_sqe();
  io_uring_prep_read(sqe, signals, &info, sizeof info, 0);
  mark(sqe, NULL, SIGNAL);
  start_accept();

  for (int done = 0; !done && !(stopping && clients == 0);) {
    io_uring_submit_and_wait(&ring, 1);
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&ring, head, cqe) {
      unsigned operation = cqe->user_data & 7;
      struct client *c = (struct client *)(unsigned long)(cqe->user_data & ~7ULL);
      count++;
      if (operation == RECV || operation == SEND) completed(c, operation, cqe->res);
      if (operation == ACCEPT) accepted(cqe->res);
      if (operation == SIGNAL) stop();
      if (operation == RETRY) retrying = 0, start_accept();
      if (operation == DEADLINE) done = 1;
    }
    io_uring_cq_advance(&ring, count);
  }
}
