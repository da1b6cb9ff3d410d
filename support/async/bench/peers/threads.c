// No library: a thread a client, in blocking calls, with its buffer on its stack.

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void *echo(void *argument) {
  int client = (int)(intptr_t)argument;
  char buffer[65536];  // only the pages that are used cost memory
  ssize_t size;
  while ((size = recv(client, buffer, sizeof buffer, 0)) > 0)
    for (ssize_t done = 0, sent; done < size; done += sent)
      if ((sent = send(client, buffer + done, size - done, MSG_NOSIGNAL)) < 0)
        return close(client), NULL;
  close(client);
  return NULL;
}

int main(int argc, char *argv[]) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 12345),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096))
    return perror("listen"), 1;
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&detached, 128 * 1024);
  for (;;) {
    pthread_t thread;
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (pthread_create(&thread, &detached, echo, (void *)(intptr_t)client)) close(client);
  }
}
