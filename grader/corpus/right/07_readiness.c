// right: 07 readiness
// build: gcc -std=c17 -D_GNU_SOURCE -Wall -Wextra -O2 {source} -o {output}
// run: {output}
// unlike the reference: ppoll(), pselect(), one epoll set and one ring for all, and no liburing
//
// All POLL_ADDs go in one io_uring_enter(); the completions are told apart by their user_data.

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MOST = 64 };
static struct {
  const char *name;
  int fd;
} kinds[MOST];
static const char *uring[MOST];
static int count;

static void add(const char *name, int fd) {
  kinds[count].name = name;
  kinds[count++].fd = fd;
}

static int filled(int *ends, int reading) {
  if (write(ends[!reading], "x", 1) != 1) perror("write");
  return ends[reading];
}

static int signals(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, 0);
}

static int timer(struct timespec time) {
  const struct itimerspec once = {.it_value = time};
  const int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  timerfd_settime(fd, 0, &once, NULL);
  return fd;
}

static int set_of(int fd) {
  const int set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
  return set;
}

static void make_kinds(void) {
  int ends[4][2];
  for (int i = 0; i < 2; ++i) {
    if (pipe(ends[i]) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i + 2]) < 0) perror("pair");
  }
  add("regular-file", open("/proc/self/exe", O_RDONLY));
  add("directory", open("/", O_RDONLY));
  add("memfd", memfd_create("x", 0));
  add("/dev/null", open("/dev/null", O_RDONLY));
  add("/dev/urandom", open("/dev/urandom", O_RDONLY));
  add("/proc/self/status", open("/proc/self/status", O_RDONLY));
  add("/proc/mounts", open("/proc/mounts", O_RDONLY));
  add("pipe-empty", ends[0][0]);
  add("pipe-with-data", filled(ends[1], 0));
  add("socket-empty", ends[2][0]);
  add("socket-with-data", filled(ends[3], 0));
  add("eventfd-0", eventfd(0, 0));
  add("eventfd-1", eventfd(1, 0));
  add("timerfd-running", timer((struct timespec){.tv_sec = 1000}));
  add("timerfd-expired", timer((struct timespec){.tv_nsec = 1}));
  add("signalfd-empty", signals(SIGUSR1));
  add("signalfd-pending", signals(SIGUSR2));
  kill(getpid(), SIGUSR2);
  add("epoll-empty", set_of(eventfd(0, 0)));
  add("epoll-with-event", set_of(eventfd(1, 0)));
  add("inotify-empty", inotify_init1(0));
}

static const char *word(int result) {
  if (result < 0) return strerrorname_np(errno);
  return result ? "ready" : "waits";
}

static const char *by_select(int fd) {
  const struct timespec now = {0};
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  return word(pselect(FD_SETSIZE, &set, NULL, NULL, &now, NULL));
}

static const char *by_poll(int fd) {
  const struct timespec now = {0};
  struct pollfd all[2] = {{.fd = -1}, {.fd = fd, .events = POLLIN}};
  return word(ppoll(all, 2, &now, NULL));
}

static const char *by_epoll(int set, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) < 0) return word(-1);
  const char *said = word(epoll_pwait(set, &event, 1, 0, NULL));
  epoll_ctl(set, EPOLL_CTL_DEL, fd, NULL);
  return said;
}

static char *mapped(int ring, size_t size, off_t offset) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

static void ask_the_ring(void) {
  struct io_uring_params p = {0};
  const int ring = (int)syscall(SYS_io_uring_setup, MOST, &p);
  char *sq = mapped(ring, p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
  char *cq =
      mapped(ring, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
  struct io_uring_sqe *sqes = (void *)mapped(ring, p.sq_entries * sizeof *sqes, IORING_OFF_SQES);
  for (int i = 0; i < count; ++i) {
    sqes[i] = (struct io_uring_sqe){.opcode = IORING_OP_POLL_ADD,
                                    .fd = kinds[i].fd,
                                    .poll32_events = POLLIN,
                                    .user_data = (unsigned)i};
    ((unsigned *)(sq + p.sq_off.array))[i] = (unsigned)i;
    uring[i] = "waits";
  }
  __atomic_store_n((unsigned *)(sq + p.sq_off.tail), (unsigned)count, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, count, 0, 0, NULL, 0) != count) perror("io_uring_enter");
  const unsigned tail = __atomic_load_n((unsigned *)(cq + p.cq_off.tail), __ATOMIC_ACQUIRE);
  for (unsigned i = 0; i < tail; ++i) {
    const struct io_uring_cqe *cqe = &((struct io_uring_cqe *)(cq + p.cq_off.cqes))[i];
    uring[cqe->user_data] = cqe->res > 0 ? "ready" : strerrorname_np(-cqe->res);
  }
  close(ring);
}

int main(void) {
  make_kinds();
  const int set = epoll_create1(0);
  ask_the_ring();
  printf("kind select poll epoll io_uring\n");
  for (int i = 0; i < count; ++i) {
    const int fd = kinds[i].fd;
    printf("%s\t%s\t", kinds[i].name, by_select(fd));
    printf("%s\t%s\t%s\n", by_poll(fd), by_epoll(set, fd), uring[i]);
  }
  return 0;
}
