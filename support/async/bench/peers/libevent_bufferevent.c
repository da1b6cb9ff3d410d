// libevent's bufferevents, its recommended interface: what came in is moved, not copied, from the
// input to the output buffer, and libevent sends it when the socket is next said to be writable.

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const size_t high_mark = 1 << 20;  // bytes not yet sent at which reading pauses

static void on_written(struct bufferevent *client, void *unused) {
  (void)unused;
  if (!(bufferevent_get_enabled(client) & EV_READ)) bufferevent_enable(client, EV_READ);
}

static void on_read(struct bufferevent *client, void *unused) {
  struct evbuffer *output = bufferevent_get_output(client);
  (void)unused;
  bufferevent_write_buffer(client, bufferevent_get_input(client));
  if (evbuffer_get_length(output) > high_mark) bufferevent_disable(client, EV_READ);
}

static void on_event(struct bufferevent *client, short what, void *unused) {
  (void)unused;
  if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) bufferevent_free(client);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t socket,
                          struct sockaddr *address, int size, void *unused) {
  (void)address, (void)size, (void)unused;
  struct event_base *base = evconnlistener_get_base(listener);
  struct bufferevent *client = bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bufferevent_setcb(client, on_read, on_written, on_event, NULL);
  bufferevent_enable(client, EV_READ);  // EV_WRITE is enabled from the start
}

int main(int argc, char *argv[]) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct event_base *base = event_base_new();
  signal(SIGPIPE, SIG_IGN);
  if (!evconnlistener_new_bind(base, on_connection, NULL, LEV_OPT_REUSEABLE, 4096,
                               (struct sockaddr *)&address, sizeof address))
    return perror("listen"), 1;
  return event_base_dispatch(base);
}
