// right: 04 poll_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: plain C, ppoll(), arrays that double; a ring buffer with readv(), writev()

// Who has gone stays in the array as descriptor -1, which poll() skips, until the next newcomer.

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RING = 16384 };

struct client {
  char ring[RING];
  unsigned head, tail;  // received and sent so far; their difference waits
  int finished;
};

static struct pollfd *polled;  // polled[0] is the listener
static struct client **clients;
static int used = 1, room = 4;

static void *or_die(void *memory) {
  if (memory) return memory;
  perror("memory");
  exit(1);
}

static void resize(void) {
  polled = or_die(realloc(polled, room * sizeof *polled));
  clients = or_die(realloc(clients, room * sizeof *clients));
}

/// The stretch of `size` bytes of a ring from `from` on, in at most two pieces.
static int pieces(struct client *client, unsigned from, unsigned size, struct iovec *vector) {
  const unsigned start = from % RING, first = size < RING - start ? size : RING - start;
  vector[0] = (struct iovec){client->ring + start, first};
  vector[1] = (struct iovec){client->ring, size - first};
  return size > first ? 2 : 1;
}

/// Returns 0 when the client is over.
static int advance(struct pollfd *entry, struct client *client) {
  struct iovec vector[2];
  unsigned waiting = client->head - client->tail;
  if (!client->finished && waiting < RING) {
    const int count = pieces(client, client->head, RING - waiting, vector);
    const ssize_t size = readv(entry->fd, vector, count);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (size == 0) client->finished = 1;
    if (size > 0) client->head += size;
  }
  waiting = client->head - client->tail;
  if (waiting) {
    const int count = pieces(client, client->tail, waiting, vector);
    const ssize_t size = writev(entry->fd, vector, count);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (size > 0) client->tail += size;
  }
  waiting = client->head - client->tail;
  entry->events = (waiting ? POLLOUT : 0) | (!client->finished && waiting < RING ? POLLIN : 0);
  return waiting || !client->finished;
}

static void welcome(void) {
  const int fd = accept4(polled[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) usleep(50000);
    return;
  }
  int place = 1;
  while (place < used && polled[place].fd >= 0) place++;
  if (place == room) {
    room *= 2;
    resize();
  }
  if (place == used) used++;
  polled[place] = (struct pollfd){.fd = fd, .events = POLLIN};
  clients[place] = or_die(calloc(1, sizeof(struct client)));
}

int main(int argc, char *argv[]) {
  signal(SIGPIPE, SIG_IGN);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, SOMAXCONN)) {
    perror("bind");
    return 1;
  }
  resize();
  polled[0] = (struct pollfd){.fd = fd, .events = POLLIN};
  for (;;) {
    if (ppoll(polled, used, NULL, NULL) < 0) {
      if (errno == EINTR) continue;
      perror("ppoll");
      return 1;
    }
    for (int i = 1; i < used; i++) {
      if (polled[i].fd < 0 || !polled[i].revents) continue;
      if (advance(&polled[i], clients[i])) continue;
      close(polled[i].fd);
      polled[i].fd = -1;
      free(clients[i]);
    }
    if (polled[0].revents) welcome();
  }
}
