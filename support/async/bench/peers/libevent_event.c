// libevent's plain events, without its buffers: an event a client that stays registered, recv()
// into one static buffer, send() at once; what the kernel does not take is kept, and reading
// pauses.

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
  struct event *readable, *writable;
  char *rest;  // what is still to be sent: `left` bytes from `rest` + `sent` on
  size_t sent, left;
};

static void leave(int socket, struct client *client) {
  event_free(client->readable);
  event_free(client->writable);
  close(socket);
  free(client->rest);
  free(client);
}

static void on_writable(evutil_socket_t socket, short what, void *argument) {
  struct client *client = argument;
  (void)what;
  ssize_t sent = send(socket, client->rest + client->sent, client->left, MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN ? (void)0 : leave(socket, client);
  client->sent += sent;
  client->left -= sent;
  if (client->left) return;
  free(client->rest);
  client->rest = NULL;
  event_del(client->writable);
  event_add(client->readable, NULL);
}

static void on_readable(evutil_socket_t socket, short what, void *argument) {
  static char buffer[65536];
  struct client *client = argument;
  (void)what;
  ssize_t size = recv(socket, buffer, sizeof buffer, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) return leave(socket, client);
  ssize_t sent = send(socket, buffer, size, MSG_NOSIGNAL);
  if (sent == size) return;
  if (sent < 0 && errno != EAGAIN) return leave(socket, client);
  if (sent < 0) sent = 0;
  client->rest = memcpy(malloc(size - sent), buffer + sent, size - sent);
  client->sent = 0;
  client->left = size - sent;
  event_del(client->readable);
  event_add(client->writable, NULL);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t socket,
                          struct sockaddr *address, int size, void *base) {
  (void)listener, (void)address, (void)size;
  struct client *client = calloc(1, sizeof *client);
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  client->readable = event_new(base, socket, EV_READ | EV_PERSIST, on_readable, client);
  client->writable = event_new(base, socket, EV_WRITE | EV_PERSIST, on_writable, client);
  event_add(client->readable, NULL);
}

int main(int argc, char *argv[]) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct event_base *base = event_base_new();
  if (!evconnlistener_new_bind(base, on_connection, base, LEV_OPT_REUSEABLE, 4096,
                               (struct sockaddr *)&address, sizeof address))
    return perror("listen"), 1;
  return event_base_dispatch(base);
}
