// What the user asks for: the command line of `load`.
#pragma once

#include <unistd.h>

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/arguments.hpp"

namespace load {

struct Options {
  std::string address = "127.0.0.1";
  unsigned port = 0;
  unsigned connections = 50;
  unsigned idle = 0;            // further connections, which never send
  unsigned size = 64;           // bytes of a message
  double seconds = 0;           // of the window; 0: until `messages` have come back
  unsigned messages = 0;        // in the window
  double warm_up = 0;           // seconds before the window
  double rate = 0;              // messages/s over all connections; 0: closed loop
  unsigned per_connection = 0;  // messages before a connection is made anew; 0: never
  unsigned sources = 0;         // client addresses; 0: as many as needed
  double connect_timeout = 30;  // seconds for all connections together
  double give_up = 5;           // seconds without any reply or new connection, although one is owed
  bool until_served = false;    // ask each connection once, before the warm-up
  bool hold = false;            // stay connected after the window until standard input ends
  bool uring = false;
  bool progress = ::isatty(STDERR_FILENO) != 0;
  bool help = false;
  std::vector<std::string> merge;  // files with results; nothing is measured then
};

constexpr const char* usage =
    "usage: load --port P (--seconds S | --messages N) [--address 127.0.0.1] [--connections 50]\n"
    "            [--size 64] [--warm-up S] [--rate R] [--per-connection N] [--idle N]\n"
    "            [--engine epoll|uring] [--sources N] [--connect-timeout 30] [--give-up 5]\n"
    "            [--until-served] [--hold] [--progress]\n"
    "       load --merge FILE...\n";

/// Reads the words of the command line one after the other.
class CommandLine {
 public:
  explicit CommandLine(std::span<const char* const> words) : words_{words} {}

  bool more() const { return at_ < words_.size(); }
  std::string_view next() { return words_[at_++]; }

  /// The value of `option`: a whole number between two bounds.
  void read(unsigned& value, std::string_view option, unsigned least, unsigned most) {
    const std::string_view word = value_of(option);
    const auto number = async::number(word, least, most);
    if (!number) wrong(option, "a whole number from " + text(least) + " to " + text(most), word);
    value = *number;
  }

  /// The same for a decimal number from `least` to a billion.
  void read(double& value, std::string_view option, double least) {
    const std::string_view word = value_of(option);
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc{} || stop != end || !(value >= least && value <= 1e9))
      wrong(option, least > 0 ? "a number above 0" : "a number, 0 or more", word);
  }

  std::string_view value_of(std::string_view option) {
    if (!more())
      throw async::UsageError{"error: " + std::string{option} + ": its value is missing"};
    return next();
  }

  [[noreturn]] static void wrong(std::string_view option, const std::string& wanted,
                                 std::string_view got) {
    throw async::UsageError{"error: " + std::string{option} + " wants " + wanted + ", not '" +
                            std::string{got} + "'"};
  }

 private:
  static std::string text(unsigned number) { return std::to_string(number); }

  std::span<const char* const> words_;
  std::size_t at_ = 1;
};

/// Reads one option. Returns false if there is none of that name.
inline bool read_option(Options& options, CommandLine& line, std::string_view option) {
  constexpr double some = 1e-3;
  constexpr unsigned many = 1'000'000, any = 4'000'000'000;
  if (option == "--port") return line.read(options.port, option, 1, 65'535), true;
  if (option == "--connections") return line.read(options.connections, option, 1, many), true;
  if (option == "--idle") return line.read(options.idle, option, 0, many), true;
  if (option == "--size") return line.read(options.size, option, 1, 1U << 30), true;
  if (option == "--messages") return line.read(options.messages, option, 1, any), true;
  if (option == "--per-connection") return line.read(options.per_connection, option, 0, any), true;
  if (option == "--sources") return line.read(options.sources, option, 1, 60'000), true;
  if (option == "--seconds") return line.read(options.seconds, option, some), true;
  if (option == "--warm-up") return line.read(options.warm_up, option, 0), true;
  if (option == "--rate") return line.read(options.rate, option, some), true;
  if (option == "--connect-timeout") return line.read(options.connect_timeout, option, some), true;
  if (option == "--give-up") return line.read(options.give_up, option, some), true;
  if (option == "--address") return options.address = line.value_of(option), true;
  if (option == "--until-served") return options.until_served = true;
  if (option == "--hold") return options.hold = true;
  if (option == "--progress") return options.progress = true;
  if (option == "--help") return options.help = true;
  if (option != "--engine") return false;
  const std::string_view engine = line.value_of(option);
  if (engine != "epoll" && engine != "uring") line.wrong(option, "epoll or uring", engine);
  options.uring = engine == "uring";
  return true;
}

/// Reads the command line.
///
/// throws    async::UsageError, in one line, for anything that is not understood in full.
inline Options parse(std::span<const char* const> words) {
  Options options;
  CommandLine line{words};
  while (line.more()) {
    const std::string_view option = line.next();
    if (option == "--merge") {
      while (line.more()) options.merge.emplace_back(line.next());
      if (options.merge.empty()) throw async::UsageError{"error: --merge wants files with results"};
    } else if (!read_option(options, line, option)) {
      throw async::UsageError{"error: no option '" + std::string{option} + "': see load --help"};
    }
  }
  if (options.help || !options.merge.empty()) return options;
  if (options.port == 0) throw async::UsageError{"error: --port is missing: see load --help"};
  if ((options.seconds > 0) == (options.messages > 0))
    throw async::UsageError{"error: either --seconds or --messages, one of them: see load --help"};
  return options;
}

}  // namespace load
