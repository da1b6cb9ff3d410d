// right: 02 preforked_echo
// build: gcc -O2 -pthread {source} -o {output}
// run: {output} {port}
// unlike the reference: C; one worker at a time waits in accept(), behind a mutex that all processes
// share and that a killed worker leaves to the next; sigwaitinfo() in the parent

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t* turn;

static void echo(int client) {
  char buffer[3000];
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

static void start(int listener) {
  pid_t parent = getpid(), child;
  while ((child = fork()) < 0) usleep(50000);
  if (child > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (;;) {
    if (pthread_mutex_lock(turn) == EOWNERDEAD) pthread_mutex_consistent(turn);
    int client = accept(listener, NULL, NULL);
    pthread_mutex_unlock(turn);
    if (client < 0) continue;
    echo(client);
    close(client);
  }
}

int main(int argc, char** argv) {
  int on = 1, workers = 4, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (argc > 3 && strcmp(argv[2], "--workers") == 0) workers = atoi(argv[3]);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[1])),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) || listen(listener, 100)) return 1;
  turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t shared;
  pthread_mutexattr_init(&shared);
  pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(turn, &shared);
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &ended, NULL);
  while (workers-- > 0) start(listener);
  for (;;) {
    sigwaitinfo(&ended, NULL);
    while (waitpid(-1, NULL, WNOHANG) > 0) start(listener);
  }
}
