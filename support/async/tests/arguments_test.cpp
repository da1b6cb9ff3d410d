// The command line of the servers.
#include "async/arguments.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

async::Arguments parse(std::vector<const char*> words, async::Takes takes = {}) {
  words.insert(words.begin(), "/some/where/server");
  return async::parse(words, takes);
}

constexpr async::Takes everything{.workers = true, .root = true, .upstream = true, .trust = true};

TEST(Arguments, have_defaults) {
  const auto arguments = parse({});
  EXPECT_EQ(arguments.port, 12345);
  EXPECT_EQ(arguments.root, ".");
  EXPECT_TRUE(arguments.upstream_host.empty());
}

TEST(Arguments, are_read_in_any_order) {
  const auto arguments =
      parse({"--workers", "7", "0", "--root", "/tmp", "--upstream", "::1:80"}, everything);
  EXPECT_EQ(arguments.port, 0);
  EXPECT_EQ(arguments.workers, 7U);
  EXPECT_EQ(arguments.root, "/tmp");
  EXPECT_EQ(arguments.upstream_host, "::1");
  EXPECT_EQ(arguments.upstream_port, 80);
}

TEST(Arguments, that_are_wrong_are_refused) {
  const std::vector<std::vector<const char*>> wrong{{"65536"},
                                                    {"-1"},
                                                    {""},
                                                    {"80x"},
                                                    {" 80"},
                                                    {"80", "81"},
                                                    {"--workers"},
                                                    {"--workers", "0"},
                                                    {"--workers", "10001"},
                                                    {"--root", ""},
                                                    {"--upstream", "host"},
                                                    {"--upstream", ":80"},
                                                    {"--upstream", "host:0"},
                                                    {"--trust", "61"},
                                                    {"--trust", "1s"},
                                                    {"--help", "1"}};
  for (const auto& words : wrong) {
    EXPECT_THROW(parse(words, everything), async::UsageError) << words.back();
  }
}

TEST(Arguments, that_the_program_does_not_take_are_refused) {
  EXPECT_THROW(parse({"--workers", "2"}), async::UsageError);
}

TEST(Arguments, usage_is_one_line_and_names_what_is_taken) {
  EXPECT_EQ(async::usage("/some/where/server", {.root = true}),
            "usage: server [PORT] [--root DIR]");
}

}  // namespace
