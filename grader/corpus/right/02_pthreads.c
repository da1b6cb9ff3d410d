// right: 02 threaded_echo
// build: gcc -O2 -pthread {source} -o {output}
// run: {output} {port}
// unlike the reference: C; stacks of 64 KiB, the descriptor itself is the thread's argument; at
// EMFILE a spare descriptor is given up to refuse the client

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void* echo(void* argument) {
  int client = (int)(intptr_t)argument;
  char buffer[4096];
  for (;;) {
    ssize_t got = recv(client, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    ssize_t sent = 0;
    for (ssize_t done = 0; done < got; done += sent > 0 ? sent : 0) {
      sent = send(client, buffer + done, (size_t)(got - done), 0);
      if (sent < 0 && errno != EINTR) got = 0;
    }
    if (got <= 0) break;
  }
  close(client);
  return NULL;
}

int main(int argc, char** argv) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[argc - 1])),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 100)) return 1;
  signal(SIGPIPE, SIG_IGN);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  int spare = open("/dev/null", O_RDONLY);
  for (;;) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pthread_t thread;
    if (client < 0 && errno == EMFILE) {  // also while nobody waits: the number comes first
      close(spare);
      client = accept(listener, NULL, NULL);
      spare = open("/dev/null", O_RDONLY);
      if (spare < 0) {
        close(client);
        spare = open("/dev/null", O_RDONLY);
        continue;
      }
    }
    if (client >= 0 && pthread_create(&thread, &small, echo, (void*)(intptr_t)client) != 0) {
      close(client);
    }
  }
}
