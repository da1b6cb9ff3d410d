// What the class Connection of lab 04 promises, seen from inside: one fact a test. The test is the
// server and the client: no program runs, and a socket buffer of a few kilobytes is soon full.
#include "connection.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "../ended.hpp"

namespace {

using async::FileDescriptor;

/// Both ends of a connection; the server's has a send buffer of a few kilobytes.
struct Ends {
  Ends() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    const int tiny = 4096;
    EXPECT_EQ(::setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &tiny, sizeof tiny), 0);
    server = FileDescriptor{pair[0]};
    client = FileDescriptor{pair[1]};
  }
  FileDescriptor server;
  FileDescriptor client;
};

std::string random_bytes(std::size_t size) {
  static std::mt19937 generator{4};
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(generator());
  return bytes;
}

/// Ends a test that hangs; SIGALRM tells the harness why.
struct Connection : testing::Test {
  Connection() {
    ::alarm(20);
    std::signal(SIGPIPE, SIG_IGN);  // a matter of the whole program
  }
  ~Connection() override { ::alarm(0); }

  /// One turn of a server: what the connection wants and is ready for, output first.
  void turn() {
    const int wanted =
        (connection.wants_input() ? POLLIN : 0) | (connection.wants_output() ? POLLOUT : 0);
    pollfd entry{connection.fd(), static_cast<short>(wanted), 0};
    ::poll(&entry, 1, 0);
    const int ready = entry.revents & wanted;
    over = over || ((ready & POLLOUT) && !connection.on_output());
    over = over || ((ready & POLLIN) && !connection.on_input(buffer));
  }

  /// The client sends `bytes`; the server takes turns as long as it wants any of them.
  void feed(std::string_view bytes) {
    const ssize_t sent = ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_EQ(sent, static_cast<ssize_t>(bytes.size())) << "means  input is wanted, but not taken";
    for (int unread = 1; unread > 0 && !over && connection.wants_input();) {
      turn();
      ::ioctl(connection.fd(), FIONREAD, &unread);
    }
    ASSERT_FALSE(over) << "means  the connection is over, but the client has not finished";
  }

  /// What has come back to the client by now.
  std::string received() {
    std::string bytes;
    std::array<char, 4096> part;
    for (ssize_t size; (size = ::recv(client.get(), part.data(), part.size(), 0)) > 0;)
      bytes.append(part.data(), static_cast<std::size_t>(size));
    return bytes;
  }

  /// All that comes back while client and server take turns, until nothing moves any more.
  std::string drained() {
    std::string bytes;
    for (int quiet = 0; !over && quiet < 3; ++quiet) {
      turn();
      const std::string more = received();
      if (!more.empty()) quiet = 0;
      bytes += more;
    }
    return bytes;
  }

  Ends ends;
  FileDescriptor& client = ends.client;
  ::Connection connection{std::move(ends.server)};
  bool over = false;
  std::array<char, 16 * 1024> buffer;
};

constexpr std::size_t more_than_fits = 40'000;  // bytes: ten times the socket's buffer

// 04.4, 2 points: What send() did not take is kept, and comes back whole and in order.
TEST_F(Connection, keeps_in_order_what_send_did_not_take) {
  const std::string sent = random_bytes(more_than_fits);
  feed(sent);
  const std::string back = drained();
  ASSERT_EQ(back.size(), sent.size())
      << "saw    " << back.size() << " of " << sent.size() << " bytes come back to a client that"
      << " reads late\nmeans  what send() did not take was dropped, or sent again";
  EXPECT_TRUE(back == sent) << "saw    all bytes, in another order\n"
                            << "means  later bytes overtook those that waited";
}

// 04.4, 2 points: Output is asked for while bytes wait to be sent, and only then.
TEST_F(Connection, wants_output_only_while_bytes_wait) {
  EXPECT_FALSE(connection.wants_output()) << "means  nothing has arrived, and output is asked for";
  feed("one line\n");
  drained();
  EXPECT_FALSE(connection.wants_output())
      << "saw    output asked for although all that came has been sent\n"
      << "means  a socket that takes bytes is ready all the time: ask only while some wait";
  feed(random_bytes(more_than_fits));
  EXPECT_TRUE(connection.wants_output())
      << "saw    no output asked for after " << more_than_fits << " bytes that nobody has read\n"
      << "means  the rest waits, and the kernel is not asked when there is room for it";
  drained();
  EXPECT_FALSE(connection.wants_output()) << "means  all has gone, and output is still asked for";
}

// 04.4, 2 points: A client that has finished is over when the last byte has gone, and not before.
TEST_F(Connection, a_finished_client_is_over_only_when_all_has_gone) {
  const std::string sent = random_bytes(more_than_fits);
  feed(sent);
  ::shutdown(client.get(), SHUT_WR);
  for (int i = 0; i < 3; ++i) turn();
  ASSERT_FALSE(over) << "saw    the connection told as over, while its answer waited\n"
                     << "means  the end of input is not the end of output";
  const std::string back = drained();
  EXPECT_EQ(back.size(), sent.size())
      << "saw    " << back.size() << " of " << sent.size() << " bytes before the end\n"
      << "means  the connection is told as over, but bytes wait";
  EXPECT_TRUE(over) << "saw    the connection go on after the last byte of a finished client\n"
                    << "means  nobody else will say that it is over";
}

// 04.4, 1 point: A socket that takes nothing now (EAGAIN) is no failure.
TEST_F(Connection, a_full_socket_is_no_failure) {
  const std::string sent = random_bytes(more_than_fits);
  feed(sent);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(connection.on_output()) << "saw    on_output() return false at a full socket\n"
                                        << "means  EAGAIN is taken for the end; it means: later";
  EXPECT_TRUE(drained() == sent) << "means  what was offered in vain was dropped, or sent twice";
}

// 04.4, 1 point: A reset is told as over, also while bytes wait.
TEST_F(Connection, a_reset_is_over) {
  feed(random_bytes(more_than_fits));
  client = FileDescriptor{};  // with bytes unread: that is a reset, unix(7)
  EXPECT_FALSE(connection.on_output())
      << "saw    on_output() return true, although the client has gone with its answer unread\n"
      << "means  EPIPE and ECONNRESET do not pass: the connection is over";
}

// 04.5, 4 points: Above a high-water mark input is not asked for; when there is room, it is again.
TEST_F(Connection, wants_input_only_below_the_mark) {
  constexpr std::size_t enough = 16 << 20;  // bytes that no client needs to have waiting
  const std::string part = random_bytes(buffer.size());
  std::size_t taken = 0;
  for (; taken < enough && connection.wants_input(); taken += part.size()) feed(part);
  ASSERT_LT(taken, enough) << "saw    " << (taken >> 20) << " MiB taken from a client that reads"
                           << " nothing\nmeans  input is asked for above every mark";
  drained();
  EXPECT_TRUE(connection.wants_input())
      << "saw    no input asked for, although nothing waits any more\n"
      << "means  once above the mark it never receives again";
}

}  // namespace
