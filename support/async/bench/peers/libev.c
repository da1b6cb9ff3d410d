// libev: one watcher a client, recv() into one static buffer, send() at once; when the kernel takes
// less, the watcher changes to EV_WRITE until the rest has gone.

#define _GNU_SOURCE
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
  ev_io io;    // first: a pointer to it is a pointer to the client
  char *rest;  // what is still to be sent: `left` bytes from `rest` + `sent` on
  size_t sent, left;
};

static void wait_for(struct ev_loop *loop, ev_io *io, int event) {
  ev_io_stop(loop, io);
  ev_io_set(io, io->fd, event);
  ev_io_start(loop, io);
}

static void leave(struct ev_loop *loop, struct client *client) {
  ev_io_stop(loop, &client->io);
  close(client->io.fd);
  free(client->rest);
  free(client);
}

static void write_rest(struct ev_loop *loop, struct client *client) {
  ssize_t sent = send(client->io.fd, client->rest + client->sent, client->left, MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return;
  if (sent < 0) return leave(loop, client);
  client->sent += sent;
  client->left -= sent;
  if (client->left) return;
  free(client->rest);
  client->rest = NULL;
  wait_for(loop, &client->io, EV_READ);
}

static void on_client(struct ev_loop *loop, ev_io *io, int events) {
  static char buffer[65536];
  struct client *client = (struct client *)io;
  if (events & EV_WRITE) return write_rest(loop, client);
  ssize_t size = recv(io->fd, buffer, sizeof buffer, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return leave(loop, client);
  ssize_t sent = send(io->fd, buffer, size, MSG_NOSIGNAL);
  if (sent == size) return;
  if (sent < 0 && errno != EAGAIN) return leave(loop, client);
  if (sent < 0) sent = 0;
  client->rest = memcpy(malloc(size - sent), buffer + sent, size - sent);
  client->sent = 0;
  client->left = size - sent;
  wait_for(loop, io, EV_WRITE);
}

static void on_connection(struct ev_loop *loop, ev_io *listener, int events) {
  (void)events;
  int on = 1, socket = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct client *client = calloc(1, sizeof *client);
  ev_io_init(&client->io, on_client, socket, EV_READ);
  ev_io_start(loop, &client->io);
}

int main(int argc, char *argv[]) {
  struct ev_loop *loop = EV_DEFAULT;
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
    return perror("listen"), 1;
  ev_io accepting;
  ev_io_init(&accepting, on_connection, listener, EV_READ);
  ev_io_start(loop, &accepting);
  return ev_run(loop, 0);
}
