// right: 07 file_server
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 -pthread {source} -o {output}
// run: {output} {port}
// unlike the reference: threads that call sendfile(), no eventfd: EPOLLONESHOT hands over a socket
//
// The loop parses, refuses and says heads; whose reply has a body belongs to a thread until its
// socket is full, and then to epoll again. Nobody shares a client, so there is no lock but the
// queue's.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 7, ROOM = 16384, PIECE = 100000 };

struct client {
  int fd, file, finished, last, head;  // head: bytes of it that are still to be sent
  off_t at, end;
  size_t held, sent;
  char in[ROOM + 1], out[256];
  struct client *next;
};

static char root[PATH_MAX];
static int epoll, clients, listener_tag;
static time_t stopping;
static struct client *first, **end_of_queue = &first;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void arm(struct client *c, unsigned events) {
  struct epoll_event event = {.events = events | EPOLLONESHOT, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void end(struct client *c) {
  close(c->fd);
  __atomic_fetch_sub(&clients, 1, __ATOMIC_SEQ_CST);
  if (c->file >= 0) close(c->file);
  free(c);
}

static void enqueue(struct client *c) {
  pthread_mutex_lock(&mutex);
  c->next = NULL;
  *end_of_queue = c;
  end_of_queue = &c->next;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&mutex);
}

static int decode(const char *from, char *to) {
  for (; *from && *from != '?' && *from != ' '; ++to) {
    unsigned byte = (unsigned char)*from++;
    if (byte == '%') {
      if (sscanf(from, "%2x", &byte) != 1) return -1;
      from += 2;
    }
    *to = (char)byte;
  }
  *to = 0;
  return 0;
}

static int open_below(const char *target) {
  char asked[PATH_MAX * 2], plain[ROOM], real[PATH_MAX];
  struct stat about;
  if (decode(target, plain) < 0 || strlen(plain) >= PATH_MAX) return -1;
  snprintf(asked, sizeof asked, "%s/%s", root, plain);
  if (!realpath(asked, real) || strncmp(real, root, strlen(root)) || real[strlen(root)] != '/')
    return -1;
  const int fd = open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0 && (fstat(fd, &about) < 0 || !S_ISREG(about.st_mode))) return close(fd), -1;
  return fd;
}

// Takes one request; returns 0 if there is none.
static int take_request(struct client *c) {
  c->in[c->held] = 0;
  char *stop = strstr(c->in, "\r\n\r\n");
  if (!stop) return 0;
  char *target = strchr(c->in, ' ');
  const int get = !strncmp(c->in, "GET ", 4), only_head = !strncmp(c->in, "HEAD ", 5);
  *stop = 0;
  c->last |= strcasestr(c->in, "\r\nconnection: close") != NULL;
  c->file = get || only_head ? open_below(target + 1) : -1;
  struct stat about = {0};
  if (c->file >= 0) fstat(c->file, &about);
  c->at = 0, c->end = get ? about.st_size : 0, c->sent = 0;
  c->head = sprintf(c->out, "HTTP/1.1 %s\r\nContent-Length: %lld\r\n\r\n",
                    !get && !only_head ? "405 No"
                    : c->file < 0      ? "404 No"
                                       : "200 Yes",
                    (long long)about.st_size);
  c->held -= (size_t)(stop + 4 - c->in);
  memmove(c->in, stop + 4, c->held);
  return 1;
}

// Says as much as the socket takes. Returns 0 if it is full, 1 if all is said, -1 after an error.
static int say(struct client *c, int may_read) {
  while (c->head > 0) {
    const ssize_t n = send(c->fd, c->out + c->sent, (size_t)c->head, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    c->sent += (size_t)n, c->head -= (int)n;
  }
  while (c->at < c->end) {
    if (!may_read) return 2;
    const ssize_t n = sendfile(c->fd, c->file, &c->at, PIECE);
    if (n <= 0) return n < 0 && errno == EAGAIN ? 0 : -1;
  }
  if (c->file >= 0) close(c->file);
  c->file = -1;
  return 1;
}

static void go_on(struct client *c, int may_read) {
  while (1) {
    const int said = say(c, may_read);
    if (said == 2) return enqueue(c);
    if (said == 0) return arm(c, EPOLLOUT);
    if (said < 0 || c->last || stopping) return end(c);
    if (!take_request(c)) return c->finished ? end(c) : arm(c, EPOLLIN);
  }
}

static void *work(void *unused) {
  while (1) {
    pthread_mutex_lock(&mutex);
    while (!first) pthread_cond_wait(&changed, &mutex);
    struct client *c = first;
    if (!(first = c->next)) end_of_queue = &first;
    pthread_mutex_unlock(&mutex);
    go_on(c, 1);
  }
  return unused;
}

static void on_event(struct client *c, unsigned events) {
  if (events & EPOLLERR) return end(c);
  if (events & EPOLLIN) {
    const ssize_t n = recv(c->fd, c->in + c->held, ROOM - c->held, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN ? arm(c, EPOLLIN) : end(c);
    c->finished = n == 0;
    c->held += (size_t)n;
  }
  go_on(c, 0);
}

static void welcome(int listener) {
  struct client *c = calloc(1, sizeof *c);
  c->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (c->fd < 0) return free(c);
  c->file = -1;
  __atomic_fetch_add(&clients, 1, __ATOMIC_SEQ_CST);
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static int watched(int fd, void *tag) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  return fd;
}

int main(int argc, char *argv[]) {
  const char *place = ".";
  for (int i = 2; i + 1 < argc; ++i) {
    if (!strcmp(argv[i], "--root")) place = argv[i + 1];
  }
  if (!realpath(place, root)) return perror("--root"), 1;
  signal(SIGPIPE, SIG_IGN);  // sendfile() has no MSG_NOSIGNAL
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  epoll = epoll_create1(0);
  const int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(argv[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 512))
    return perror("bind"), 1;
  watched(listener, &listener_tag);
  const int signals = watched(signalfd(-1, &set, 0), &stopping);
  for (int i = 0; i < THREADS; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
  }
  while (!stopping || (time(NULL) < stopping + 2 && __atomic_load_n(&clients, __ATOMIC_SEQ_CST))) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, stopping ? 100 : -1) != 1) continue;
    if (event.data.ptr == &listener_tag) {
      welcome(listener);
    } else if (event.data.ptr == &stopping) {
      stopping = time(NULL);
      epoll_ctl(epoll, EPOLL_CTL_DEL, listener, NULL);
      epoll_ctl(epoll, EPOLL_CTL_DEL, signals, NULL);
      close(listener);
    } else {
      on_event(event.data.ptr, event.events);
    }
  }
  return 0;
}
