// io_uring with the structure of liburing's own echo server (examples/ of liburing, not in Debian's
// package): multishot accept, multishot recv from a ring of 256 buffers of 4 KiB, each buffer sent
// back as it is and then recycled, DEFER_TASKRUN. It is more careful in three things: TCP_NODELAY;
// one send at a time for each client, so that no bytes overtake others; who found no buffer
// receives again when one has come back, whoever's it was. Compiled twice, also with -DSIZE=65536.

#include <errno.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPT, RECV, SEND };
#ifndef SIZE
#define SIZE 4096
#endif
enum { BUFFERS = 256, CLIENTS = 65536, NONE = -1 };

static struct io_uring ring;
static struct io_uring_buf_ring *pool;
static char bytes[BUFFERS][SIZE];
static int length[BUFFERS], next[BUFFERS];  // of what a buffer holds; which one is sent after it
static struct client {
  int first, last;       // buffers to be sent, the first is under way
  bool receiving, gone;  // a recv is in flight; nothing more is to come, or to be sent
} clients[CLIENTS];      // by descriptor
static int starved[CLIENTS], starving, recycled;

static struct io_uring_sqe *submission(void) {
  struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
  if (sqe) return sqe;
  io_uring_submit(&ring);
  return io_uring_get_sqe(&ring);
}

static void label(struct io_uring_sqe *sqe, unsigned kind, int fd) {
  io_uring_sqe_set_data64(sqe, (__u64)kind << 32 | (unsigned)fd);
}

static void add_accept(int listener) {
  struct io_uring_sqe *sqe = submission();
  io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
  label(sqe, ACCEPT, listener);
}

static void add_recv(int fd) {
  struct io_uring_sqe *sqe = submission();
  io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
  sqe->flags |= IOSQE_BUFFER_SELECT;  // from group 0
  label(sqe, RECV, fd);
}

static void add_send(int fd, int buffer) {
  struct io_uring_sqe *sqe = submission();
  io_uring_prep_send(sqe, fd, bytes[buffer], length[buffer], MSG_WAITALL | MSG_NOSIGNAL);
  label(sqe, SEND, fd);
}

static void recycle(int buffer) {
  io_uring_buf_ring_add(pool, bytes[buffer], SIZE, buffer, BUFFERS - 1, 0);
  io_uring_buf_ring_advance(pool, 1);
  recycled++;
}

static void close_if_done(int fd) {
  if (clients[fd].gone && !clients[fd].receiving && clients[fd].first == NONE) close(fd);
}

static void on_accept(int listener, int fd, bool more) {
  if (!more) add_accept(listener);
  if (fd < 0) return;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  clients[fd] = (struct client){.first = NONE, .receiving = true};
  add_recv(fd);
}

static void on_recv(int fd, int result, unsigned flags) {
  struct client *client = &clients[fd];
  if (result == -ENOBUFS) {
    starved[starving++] = fd;
  } else if (result <= 0) {
    client->gone = true;
    client->receiving = false;
    close_if_done(fd);
  } else {
    int buffer = flags >> IORING_CQE_BUFFER_SHIFT;
    if (!(flags & IORING_CQE_F_MORE)) add_recv(fd);
    if (client->gone) return recycle(buffer);
    length[buffer] = result;
    next[buffer] = NONE;
    if (client->first == NONE)
      add_send(fd, client->first = client->last = buffer);
    else
      client->last = next[client->last] = buffer;
  }
}

static void on_send(int fd, int result) {
  struct client *client = &clients[fd];
  if (result != length[client->first]) {  // it has reset the connection
    client->gone = true;
    shutdown(fd, SHUT_RDWR);  // ends its recv, and further sends at once
  }
  recycle(client->first);
  client->first = next[client->first];
  if (client->first != NONE) add_send(fd, client->first);
  close_if_done(fd);
}

static void on_completion(struct io_uring_cqe *cqe) {
  int fd = (int)cqe->user_data;
  switch (cqe->user_data >> 32) {
    case ACCEPT:
      return on_accept(fd, cqe->res, cqe->flags & IORING_CQE_F_MORE);
    case RECV:
      return on_recv(fd, cqe->res, cqe->flags);
    case SEND:
      return on_send(fd, cqe->res);
  }
}

static void make_pool(void) {
  struct io_uring_buf_reg group = {.ring_entries = BUFFERS};
  pool = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
  group.ring_addr = (__u64)(size_t)pool;
  if (io_uring_register_buf_ring(&ring, &group, 0)) exit(3);
  io_uring_buf_ring_init(pool);
  for (int i = 0; i < BUFFERS; i++) recycle(i);
}

int main(int argc, char *argv[]) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct io_uring_params how = {.cq_entries = 4096,
                                .flags = IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE |
                                         IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
    return perror("listen"), 1;
  int error = io_uring_queue_init_params(512, &ring, &how);
  if (error) return fprintf(stderr, "io_uring: %s\n", strerror(-error)), 3;
  make_pool();
  add_accept(listener);
  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&ring, head, cqe) {
      on_completion(cqe);
      count++;
    }
    io_uring_cq_advance(&ring, count);
    for (; starving && recycled; recycled--) add_recv(starved[--starving]);
    recycled = 0;
  }
}
