// right: 01 blocking_echo
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: plain C, read(2) and write(2), SIGPIPE ignored, buffer of 512 bytes

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 100)) {
    perror("bind");
    exit(1);
  }
  return fd;
}

static int write_all(int fd, const char *data, ssize_t size) {
  while (size > 0) {
    ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -1;
    data += written;
    size -= written;
  }
  return 0;
}

static void serve(int client) {
  char buffer[512];
  for (;;) {
    ssize_t size = read(client, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || write_all(client, buffer, size) < 0) return;
  }
}

int main(int argc, char *argv[]) {
  signal(SIGPIPE, SIG_IGN);
  int listener = listen_on(argc > 1 ? atoi(argv[1]) : 12345);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) {
      if (errno != EINTR && errno != ECONNABORTED) usleep(100000);
      continue;
    }
    serve(client);
    close(client);
  }
}
