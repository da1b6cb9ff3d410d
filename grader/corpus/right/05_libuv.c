// right: 05 epoll_echo
// build: gcc -std=gnu17 -Wall -Wextra -O2 {source} -o {output} -luv
// run: {output} {port}
// needs: libuv1-dev
// unlike the reference: libuv's callbacks, one buffer for all reads; pauses at the first byte left
//
// Out of descriptors libuv refuses, with a spare one of its own. `make bench-peers` measures it too.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct later {
  uv_write_t request;
  char bytes[];
};

static uv_tcp_t listener;
static uv_signal_t signals[2];
static uv_timer_t deadline;

static void on_read(uv_stream_t *client, ssize_t size, const uv_buf_t *buffer);

static void on_closed(uv_handle_t *client) { free(client); }

static void done_with(uv_stream_t *client) {
  if (!uv_is_closing((uv_handle_t *)client)) uv_close((uv_handle_t *)client, on_closed);
}

static void lend(uv_handle_t *client, size_t suggested, uv_buf_t *buffer) {
  static char shared[65536];
  (void)client, (void)suggested;
  *buffer = uv_buf_init(shared, sizeof shared);
}

static void on_written(uv_write_t *request, int status) {
  uv_stream_t *client = request->handle;
  free(request);
  if (status < 0)
    done_with(client);
  else
    uv_read_start(client, lend, on_read);
}

static void send_later(uv_stream_t *client, const char *bytes, size_t size) {
  struct later *rest = malloc(sizeof *rest + size);
  memcpy(rest->bytes, bytes, size);
  uv_buf_t buffer = uv_buf_init(rest->bytes, size);
  uv_read_stop(client);
  if (uv_write(&rest->request, client, &buffer, 1, on_written) < 0) {
    free(rest);
    done_with(client);
  }
}

static void on_read(uv_stream_t *client, ssize_t size, const uv_buf_t *buffer) {
  if (size < 0) return done_with(client);
  if (size == 0) return;
  uv_buf_t data = uv_buf_init(buffer->base, size);
  int sent = uv_try_write(client, &data, 1);
  if (sent < 0 && sent != UV_EAGAIN) return done_with(client);
  if (sent < 0) sent = 0;
  if (sent < size) send_later(client, data.base + sent, size - sent);
}

static void on_connection(uv_stream_t *server, int status) {
  if (status < 0) return;
  uv_tcp_t *client = malloc(sizeof *client);
  uv_tcp_init(server->loop, client);
  if (uv_accept(server, (uv_stream_t *)client) < 0) return done_with((uv_stream_t *)client);
  uv_tcp_nodelay(client, 1);
  uv_read_start((uv_stream_t *)client, lend, on_read);
}

static void on_deadline(uv_timer_t *timer) { uv_stop(timer->loop); }

// The loop ends by itself with the last client, as the timer does not count.
static void on_signal(uv_signal_t *handle, int number) {
  (void)number;
  uv_timer_start(&deadline, on_deadline, 2000, 0);
  uv_unref((uv_handle_t *)&deadline);
  uv_close((uv_handle_t *)&listener, NULL);
  uv_signal_stop(&signals[0]);
  uv_signal_stop(&signals[1]);
  (void)handle;
}

int main(int argc, char *argv[]) {
  uv_loop_t *loop = uv_default_loop();
  struct sockaddr_in address;
  signal(SIGPIPE, SIG_IGN);
  uv_timer_init(loop, &deadline);
  for (int i = 0; i < 2; i++) {
    uv_signal_init(loop, &signals[i]);
    uv_signal_start(&signals[i], on_signal, i ? SIGINT : SIGTERM);
  }
  uv_tcp_init(loop, &listener);
  uv_ip4_addr("127.0.0.1", argc > 1 ? atoi(argv[1]) : 12345, &address);
  uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);  // sets SO_REUSEADDR
  int error = uv_listen((uv_stream_t *)&listener, 1024, on_connection);
  if (error) {
    fprintf(stderr, "listen: %s\n", uv_strerror(error));
    return 1;
  }
  uv_run(loop, UV_RUN_DEFAULT);
}
