// libuv as its guide shows an echo server: memory allocated for each read, passed on to uv_write(),
// freed when that has ended. Nothing limits what is queued for a client that does not read.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct reply {
  uv_write_t request;  // first: a pointer to it is a pointer to the reply
  uv_buf_t data;
};

static void on_closed(uv_handle_t *client) { free(client); }

static void on_allocate(uv_handle_t *client, size_t suggested, uv_buf_t *buffer) {
  (void)client;
  *buffer = uv_buf_init(malloc(suggested), suggested);  // libuv suggests 64 KiB
}

static void on_written(uv_write_t *request, int status) {
  struct reply *reply = (struct reply *)request;
  (void)status;  // a client that has gone is also told to on_read()
  free(reply->data.base);
  free(reply);
}

static void on_read(uv_stream_t *client, ssize_t size, const uv_buf_t *buffer) {
  if (size <= 0) {
    free(buffer->base);
    if (size < 0) uv_close((uv_handle_t *)client, on_closed);
    return;
  }
  struct reply *reply = malloc(sizeof *reply);
  reply->data = uv_buf_init(buffer->base, size);
  uv_write(&reply->request, client, &reply->data, 1, on_written);
}

static void on_connection(uv_stream_t *listener, int status) {
  if (status < 0) return;
  uv_tcp_t *client = malloc(sizeof *client);
  uv_tcp_init(listener->loop, client);
  if (uv_accept(listener, (uv_stream_t *)client) < 0)
    return uv_close((uv_handle_t *)client, on_closed);
  uv_tcp_nodelay(client, 1);
  uv_read_start((uv_stream_t *)client, on_allocate, on_read);
}

int main(int argc, char *argv[]) {
  uv_loop_t *loop = uv_default_loop();
  signal(SIGPIPE, SIG_IGN);  // libuv leaves that to the program
  uv_tcp_t listener;
  struct sockaddr_in address;
  uv_ip4_addr("127.0.0.1", argc > 1 ? atoi(argv[1]) : 12345, &address);
  uv_tcp_init(loop, &listener);
  uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
  int error = uv_listen((uv_stream_t *)&listener, 4096, on_connection);
  if (error) return fprintf(stderr, "listen: %s\n", uv_strerror(error)), 1;
  return uv_run(loop, UV_RUN_DEFAULT);
}
