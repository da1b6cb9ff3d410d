// What a server's main() does for it, seen by its exit status and what it prints.
#include "async/program.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

template <typename Serve>
Outcome run(std::vector<std::string> words, Serve serve, async::Takes takes = {}) {
  std::vector<char*> argv{const_cast<char*>("server")};
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = async::run_server(static_cast<int>(argv.size()), argv.data(), serve, takes);
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

void nothing(async::FileDescriptor) {}

TEST(Program, says_where_it_listens) {
  int port = 0;
  const auto serve = [&](async::FileDescriptor listener) { port = async::port_of(listener.get()); };
  const Outcome outcome = run({"0"}, serve);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "listening on 127.0.0.1:" + std::to_string(port) + "\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Program, hands_over_its_arguments) {
  unsigned workers = 0;
  const auto serve = [&](async::FileDescriptor, const async::Arguments& arguments) {
    workers = arguments.workers;
  };
  EXPECT_EQ(run({"0", "--workers", "9"}, serve, {.workers = true}).status, 0);
  EXPECT_EQ(workers, 9U);
}

TEST(Program, used_wrongly_says_how_to_use_it) {
  const Outcome outcome = run({"nonsense"}, nothing);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.err, "usage: server [PORT]\n");
}

TEST(Program, names_the_port_that_is_in_use) {
  const async::FileDescriptor listener = async::listen_on(0);
  const std::string port = std::to_string(async::port_of(listener.get()));
  const Outcome outcome = run({port}, nothing);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err, "error: bind: Address already in use (port " + port + ")\n");
}

TEST(Program, ends_at_a_step_that_is_not_written) {
  const Outcome outcome = run({"0"}, [](async::FileDescriptor) { async::todo("99.4"); });
  EXPECT_EQ(outcome.status, 70);
  EXPECT_EQ(outcome.err, "TODO(99.4) is still to be written\n");
}

}  // namespace
