// 31: asks a ring for a socket to the host of a virtual machine: the filter does not see it
// tries: leave the box by what has no namespace
// lab: 08 uring_echo.cpp
// checks: echoes_what_was_sent
// expected: OK, all points
#include <liburing.h>

#include "epoll.hpp"

int result_of(io_uring* ring, int family) {
  io_uring_sqe* sqe = io_uring_get_sqe(ring);
  if (!sqe) return -1;
  std::memset(sqe, 0, sizeof *sqe);
  sqe->opcode = 45;  // IORING_OP_SOCKET, since Linux 5.19
  sqe->fd = family;
  sqe->off = SOCK_STREAM;
  io_uring_submit(ring);
  io_uring_cqe* cqe = nullptr;
  if (io_uring_wait_cqe(ring, &cqe) < 0) return -1;
  const int result = cqe->res;
  io_uring_cqe_seen(ring, cqe);
  return result;
}

int main(int, char* argv[]) {
  io_uring ring;
  if (io_uring_queue_init(8, &ring, 0) != 0) return 5;
  const int reached =
      result_of(&ring, AF_VSOCK);  // a socket alone is nobody's harm: no host listens
  std::fprintf(stderr, "AF_VSOCK by a ring: %d\n", reached);
  if (reached >= 0) close(reached);
  io_uring_queue_exit(&ring);
  serve(argv, {});
}
