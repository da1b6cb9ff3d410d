// right: 02 prethreaded_echo
// build: gcc -O2 -pthread {source} -o {output}
// run: {output} {port}
// unlike the reference: C; the queue is a pipe in packet mode, whose size bounds it, pipe(2) O_DIRECT

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int queue[2];

static void echo(int client) {
  char buffer[9000];
  for (;;) {
    ssize_t got = recv(client, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (ssize_t done = 0; done < got;) {
      ssize_t sent = send(client, buffer + done, (size_t)(got - done), MSG_NOSIGNAL);
      if (sent < 0 && errno != EINTR) return;
      if (sent > 0) done += sent;
    }
  }
}

static void* work(void* unused) {
  for (int client; read(queue[0], &client, sizeof client) == sizeof client; close(client)) {
    echo(client);
  }
  return unused;
}

int main(int argc, char** argv) {
  int on = 1, workers = 4, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (argc > 3 && strcmp(argv[2], "--workers") == 0) workers = atoi(argv[3]);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[1])),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 100)) return 1;
  if (pipe2(queue, O_DIRECT) || fcntl(queue[1], F_SETPIPE_SZ, 4 * 4096) < 0) return 1;
  for (pthread_t thread; workers > 0; --workers) pthread_create(&thread, NULL, work, NULL);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client >= 0 && write(queue[1], &client, sizeof client) < 0) close(client);
  }
}
