// right: 04 select_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: plain C; refuses at EMFILE, with RLIMIT_NOFILE at FD_SETSIZE; MSG_DONTWAIT

// No descriptor reaches FD_SETSIZE. When all are taken, a spare one is closed for a moment, to
// accept who waits and to close that connection. Two sets live on and are copied at each call; the
// states lie in an array by descriptor. A client is read only when its last answer has gone.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

struct state {
  int size, sent;
  char data[8192];
};

static fd_set inputs, outputs;
static int top, spare;

static int again(void) { return errno == EAGAIN || errno == EINTR; }

static void leave(int fd) {
  FD_CLR(fd, &inputs);
  FD_CLR(fd, &outputs);
  close(fd);
  while (!FD_ISSET(top, &inputs) && !FD_ISSET(top, &outputs)) top--;
}

static void answer(int fd, struct state *state) {
  while (state->sent < state->size) {
    const ssize_t sent =
        send(fd, state->data + state->sent, state->size - state->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return leave(fd);
    if (sent < 0) {
      FD_CLR(fd, &inputs);
      FD_SET(fd, &outputs);
      return;
    }
    state->sent += sent;
  }
  FD_CLR(fd, &outputs);
  FD_SET(fd, &inputs);
}

static void listen_to(int fd, struct state *state) {
  const ssize_t size = recv(fd, state->data, sizeof state->data, MSG_DONTWAIT);
  if (size < 0 && again()) return;
  if (size <= 0) return leave(fd);
  state->size = size;
  state->sent = 0;
  answer(fd, state);
}

static void welcome(int listener) {
  int fd = accept(listener, NULL, NULL);
  if (fd >= 0) {
    FD_SET(fd, &inputs);
    if (fd > top) top = fd;
  } else if (errno == EMFILE) {
    close(spare);
    fd = accept(listener, NULL, NULL);
    if (fd >= 0) close(fd);
    spare = open("/dev/null", O_RDONLY);
  }
}

int main(int argc, char *argv[]) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > FD_SETSIZE) limit.rlim_max = FD_SETSIZE;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  spare = open("/dev/null", O_RDONLY);
  struct state *states = malloc(FD_SETSIZE * sizeof *states);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
    perror("bind");
    return 1;
  }
  FD_SET(listener, &inputs);
  top = listener;
  for (;;) {
    fd_set readable = inputs, writable = outputs;
    int left = select(top + 1, &readable, &writable, NULL, NULL);
    for (int fd = top; left > 0 && fd >= 0; fd--) {
      if (FD_ISSET(fd, &writable)) {
        left--;
        answer(fd, &states[fd]);
      } else if (FD_ISSET(fd, &readable)) {
        left--;
        if (fd == listener)
          welcome(fd);
        else
          listen_to(fd, &states[fd]);
      }
    }
  }
}
