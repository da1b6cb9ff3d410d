// right: 02 forking_echo
// build: gcc -O2 {source} -o {output}
// run: {output} {port}
// unlike the reference: C; SIGCHLD is ignored, so that no zombies come to be; read() and write()

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void echo(int client) {
  char buffer[777];
  for (;;) {
    ssize_t got = read(client, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    for (ssize_t done = 0; done < got;) {
      ssize_t sent = write(client, buffer + done, (size_t)(got - done));
      if (sent < 0 && errno != EINTR) return;  // SIGPIPE ends this child only
      if (sent > 0) done += sent;
    }
  }
}

int main(int argc, char** argv) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[argc - 1])),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  signal(SIGCHLD, SIG_IGN);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 100)) return 1;
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    if (fork() == 0) {
      close(listener);
      echo(client);
      exit(0);
    }
    close(client);
  }
}
