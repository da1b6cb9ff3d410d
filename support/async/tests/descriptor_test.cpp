// Descriptors, errors, sockets and timers: the given code between a lab and the kernel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <string>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"
#include "async/timer.hpp"

namespace {

using async::FileDescriptor;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
FileDescriptor any() { return FileDescriptor{::eventfd(0, EFD_CLOEXEC)}; }

TEST(FileDescriptor, is_closed_with_its_owner) {
  int number = -1;
  {
    const FileDescriptor fd = any();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(FileDescriptor, moves_and_leaves_an_empty_one) {
  FileDescriptor first = any();
  const int number = first.get();
  FileDescriptor second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(FileDescriptor, closes_what_it_held_when_another_is_assigned) {
  FileDescriptor fd = any();
  const int old = fd.get();
  fd = any();
  EXPECT_TRUE(fd);
  EXPECT_FALSE(is_open(old));
  const int last = fd.get();
  fd = {};
  EXPECT_FALSE(is_open(last));
}

TEST(Check, returns_the_result_or_names_the_call) {
  EXPECT_EQ(async::check("call", 7), 7);
  EXPECT_EQ(async::check_result("call", 7), 7);
  try {
    async::check("close", ::close(-1));
    FAIL() << "no exception";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::bad_file_descriptor);
    EXPECT_STREQ(error.what(), "close: Bad file descriptor");
  }
}

TEST(Check, of_a_result_takes_the_error_from_it_and_not_from_errno) {
  errno = EBADF;
  try {
    async::check_result("io_uring", -ECANCELED);
    FAIL() << "no exception";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ECANCELED);
  }
}

FileDescriptor connect_to(const FileDescriptor& listener) {
  FileDescriptor client{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(async::port_of(listener.get()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  async::check("connect",
               ::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
  return client;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  async::check("getsockopt", ::getsockopt(fd, level, name, &value, &size));
  return value;
}

TEST(Socket, accepted_inherits_nodelay_and_is_closed_on_exec) {
  const FileDescriptor listener = async::listen_on(0);
  const FileDescriptor peer = connect_to(listener);
  const FileDescriptor client = async::accept_client(listener.get(), SOCK_NONBLOCK);
  ASSERT_TRUE(client);
  EXPECT_EQ(option(client.get(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(::fcntl(client.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_TRUE(::fcntl(client.get(), F_GETFL) & O_NONBLOCK);
}

TEST(Socket, a_port_in_use_is_an_error_that_says_so) {
  const FileDescriptor listener = async::listen_on(0);
  try {
    async::listen_on(async::port_of(listener.get()));
    FAIL() << "no exception";
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "bind: Address already in use");
  }
}

TEST(Socket, a_port_can_be_used_again_at_once) {
  FileDescriptor listener = async::listen_on(0);
  const std::uint16_t port = async::port_of(listener.get());
  {
    const FileDescriptor peer = connect_to(listener);
    const FileDescriptor client = async::accept_client(listener.get());
    ::shutdown(client.get(), SHUT_RDWR);  // the server's side closes first: TIME_WAIT is ours
  }
  listener = {};
  EXPECT_NO_THROW(async::listen_on(port));
}

TEST(Socket, accept_client_hides_neither_eagain_nor_emfile) {
  const FileDescriptor listener = async::listen_on(0);
  async::make_nonblocking(listener.get());
  errno = 0;
  EXPECT_FALSE(async::accept_client(listener.get()));
  EXPECT_EQ(errno, EAGAIN);
  const FileDescriptor peer = connect_to(listener);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const FileDescriptor client = async::accept_client(listener.get());
  const int error = errno;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_FALSE(client);
  EXPECT_EQ(error, EMFILE);
}

TEST(Socket, make_nonblocking_keeps_the_other_flags) {
  int ends[2];
  async::check("pipe2", ::pipe2(ends, O_DIRECT));
  const FileDescriptor input{ends[0]};
  const FileDescriptor output{ends[1]};
  async::make_nonblocking(output.get());
  EXPECT_EQ(::fcntl(output.get(), F_GETFL) & (O_DIRECT | O_NONBLOCK), O_DIRECT | O_NONBLOCK);
}

TEST(Timer, is_readable_when_its_time_has_come_and_not_before) {
  async::Timer timer;
  pollfd waited{.fd = timer.fd(), .events = POLLIN, .revents = 0};
  timer.start(std::chrono::hours{1});
  EXPECT_EQ(::poll(&waited, 1, 0), 0);
  EXPECT_FALSE(timer.acknowledge());
  timer.start(std::chrono::milliseconds{0});
  EXPECT_EQ(::poll(&waited, 1, 10'000), 1);
  EXPECT_TRUE(timer.acknowledge());
  EXPECT_EQ(::poll(&waited, 1, 0), 0);
}

}  // namespace
