// The request-reply servers: what they answer, and what becomes of their clients in the models that
// need no lab. The other two are tested with the programs.
#include "../cpp/service.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "../cpp/pool.hpp"
#include "../cpp/process_server.hpp"
#include "../cpp/sync_server.hpp"
#include "../cpp/thread_server.hpp"
#include "../cpp/waiting_room.hpp"

namespace {

using namespace async;

TEST(Service, answers_numbers) {
  const std::map<std::string, std::string> replies{{"0", "1"},
                                                   {"1", "1"},
                                                   {"20", "10946"},
                                                   {" 7\n", "21"},
                                                   {"+7", "21"},
                                                   {"007", "21"},
                                                   {"-0", "1"},
                                                   {"\t\r\n\f\v7\v", "21"},
                                                   {std::string(256, '0'), "1"}};
  for (const auto& [request, reply] : replies) EXPECT_EQ(reply_to(request), reply) << request;
}

TEST(Service, tells_what_is_no_number) {
  for (const std::string request : {"", " ", "abc", "30x", "1_0", "3 0", "-", "+", "+-3", "0x7"}) {
    EXPECT_EQ(reply_to(request), "error") << request;
  }
  EXPECT_EQ(reply_to(std::string_view{"3\0", 2}), "error");
}

TEST(Service, tells_what_is_out_of_range) {
  for (const std::string request : {"-5", "35", "100000000000000000000000", "4294967297"}) {
    EXPECT_EQ(reply_to(request), "out of range") << request;
  }
  EXPECT_EQ(reply_to(std::string(256, '9')), "out of range");
  EXPECT_EQ(reply_to("5", 5), "8");
  EXPECT_EQ(reply_to("6", 5), "out of range");
}

TEST(Service, answers_error_when_the_handler_throws) {
  Service service;
  service.handle = [](std::string_view) -> std::string { throw 7; };
  std::atomic<std::uint64_t> failures{0};
  EXPECT_EQ(answer(service, "1", &failures), "error");
  EXPECT_EQ(failures, 1U);
}

TEST(Pool, computes_what_is_submitted) {
  Pool pool{2, [](std::string_view request) { return reply_to(request); }};
  for (unsigned n = 0; n < 20; ++n) pool.submit(n, std::to_string(n));
  std::map<std::uint64_t, std::string> replies;
  while (replies.size() < 20) {
    eventfd_t finished;
    check("eventfd_read", ::eventfd_read(pool.fd(), &finished));  // waits
    for (const Pool::Job& job : pool.replies()) replies[job.client] = job.text;
  }
  for (unsigned n = 0; n < 20; ++n) EXPECT_EQ(replies[n], std::to_string(fibonacci(n)));
}

TEST(WaitingRoom, lets_go_who_is_due_in_their_order) {
  WaitingRoom room{20ms};
  const auto start = WaitingRoom::Clock::now();
  room.enter(3);
  room.enter(1);
  EXPECT_FALSE(room.leave());
  std::vector<int> left;
  while (left.size() < 2) {
    pollfd watched{room.fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&watched, 1, 10'000), 1);
    while (const auto client = room.leave()) left.push_back(*client);
  }
  EXPECT_EQ(left, (std::vector{3, 1}));
  EXPECT_GE(WaitingRoom::Clock::now() - start, 20ms);
}

FileDescriptor client_of(std::uint16_t port) {
  FileDescriptor socket{check("socket", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  check("connect", ::connect(socket.get(), name, sizeof address));
  return socket;
}

/// What a client gets until the end of file; `reset` if that does not come.
std::string reply_of(const FileDescriptor& socket) {
  std::string reply;
  std::string buffer(64 * 1024, ' ');
  ssize_t size = 0;
  while ((size = ::recv(socket.get(), buffer.data(), buffer.size(), 0)) > 0) {
    reply.append(buffer, 0, static_cast<std::size_t>(size));
  }
  return size == 0 ? reply : "reset";
}

std::string ask(std::uint16_t port, std::string_view request) {
  const FileDescriptor socket = client_of(port);
  check("send", ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL));
  return reply_of(socket);
}

template <typename Model>
struct Models : testing::Test {
  void start(Service service = {}) {
    server = std::make_unique<Model>(std::move(service));
    FileDescriptor listener = listen_on(0);
    port = port_of(listener.get());
    thread = std::thread{
        [this, listener = std::move(listener)]() mutable { server->serve(std::move(listener)); }};
  }
  void stop() {
    server->stop();
    thread.join();
  }
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
  std::thread thread;
};
using Waiting = testing::Types<SyncServer, ProcessServer, ThreadServer>;
TYPED_TEST_SUITE(Models, Waiting, );

TYPED_TEST(Models, answer_and_count) {
  Service service;
  service.handle = [](std::string_view request) -> std::string {
    return request == "throw" ? throw std::runtime_error{"on request"} : reply_to(request);
  };
  this->start(std::move(service));
  EXPECT_EQ(ask(this->port, "20"), "10946");
  EXPECT_EQ(ask(this->port, "throw"), "error");
  EXPECT_EQ(ask(this->port, std::string(256, 'x')), "error");
  this->stop();
  const Statistics statistics = this->server->statistics();
  EXPECT_EQ(statistics.connections, 3U);
  EXPECT_EQ(statistics.requests, 3U);
  EXPECT_EQ(statistics.failures, 1U);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // no child is left
  EXPECT_EQ(errno, ECHILD);
}

TYPED_TEST(Models, send_long_replies_whole) {
  const std::string reply(8'000'000, 'r');
  Service service;
  service.handle = [&reply](std::string_view) { return reply; };
  this->start(std::move(service));
  EXPECT_EQ(ask(this->port, "1"), reply);
  this->stop();
}

TYPED_TEST(Models, stop_before_serve_is_not_lost) {
  TypeParam server{Service{}};
  server.stop();
  server.serve(listen_on(0));
}

TYPED_TEST(Models, stop_finishes_what_waits_and_drops_the_silent) {
  Service service;
  service.wait = 100ms;
  this->start(std::move(service));
  const FileDescriptor busy = client_of(this->port);
  check("send", ::send(busy.get(), "9", 1, MSG_NOSIGNAL));
  while (this->server->statistics().connections < 1) std::this_thread::yield();
  const FileDescriptor silent = client_of(this->port);
  this->stop();
  EXPECT_EQ(reply_of(busy), "55");
  EXPECT_NE(reply_of(silent), "55");
}

}  // namespace
