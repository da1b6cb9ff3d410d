// right: 03 busy_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: clients' sockets stay blocking, MSG_DONTWAIT on each call; sched_yield()

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ring_size = 4000 };

struct client {
  struct client *next;
  int fd, finished;
  unsigned first, used;  // the bytes kept: ring[first], and used - 1 after it, modulo ring_size
  char ring[ring_size];
};

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1000)) {
    perror("bind");
    exit(1);
  }
  return fd;
}

static int later(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static unsigned at_most(unsigned a, unsigned b) { return a < b ? a : b; }

// Moves what can be moved now. Returns 0 when the client is done with.
static int turn(struct client *c) {
  if (!c->finished && c->used < ring_size) {
    unsigned end = (c->first + c->used) % ring_size;
    unsigned room = at_most(ring_size - c->used, ring_size - end);
    ssize_t size = recv(c->fd, c->ring + end, room, MSG_DONTWAIT);
    if (size > 0) c->used += size;
    if (size == 0) c->finished = 1;
    if (size < 0 && !later()) return 0;
  }
  if (c->used > 0) {
    unsigned size = at_most(c->used, ring_size - c->first);
    ssize_t sent = send(c->fd, c->ring + c->first, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !later()) return 0;
    if (sent > 0) c->first = (c->first + sent) % ring_size, c->used -= sent;
  }
  return !(c->finished && c->used == 0);
}

int main(int argc, char *argv[]) {
  int listener = listen_on(argc > 1 ? atoi(argv[1]) : 12345);
  struct client *clients = NULL;
  for (;; sched_yield()) {
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0) {
      struct client *c = calloc(1, sizeof *c);
      c->fd = fd, c->next = clients, clients = c;
    }
    for (struct client **link = &clients; *link;) {
      struct client *c = *link;
      if (turn(c)) {
        link = &c->next;
      } else {
        *link = c->next;
        close(c->fd);
        free(c);
      }
    }
  }
}
