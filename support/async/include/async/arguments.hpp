// The command line that all servers share: PROGRAM [PORT] [options].
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace async {

/// The options that a program takes beside PORT: run_server(argc, argv, serve, {.workers = true}).
struct Takes {
  bool workers = false;
  bool root = false;
  bool upstream = false;
  bool trust = false;
};

/// What the user asked for, or what stands for it.
struct Arguments {
  std::uint16_t port = 12345;  // PORT: 0 lets the kernel choose
  unsigned workers = 4;        // --workers N: 1 to 10,000 (our bounds)
  std::string root = ".";      // --root DIR
  std::string upstream_host;   // --upstream HOST:PORT; empty: none
  std::uint16_t upstream_port = 0;
  unsigned trust = 0;  // --trust SECONDS: 0 to 60 (our bounds)
};

/// The command line cannot be understood. what() is what to tell the user.
struct UsageError : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Reads a whole decimal number between two bounds; nothing if `text` is anything else.
inline std::optional<unsigned> number(std::string_view text, unsigned least, unsigned most) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) return {};
  return value;
}

/// One line that tells how to call the program.
inline std::string usage(std::string_view program, Takes takes) {
  std::string line = "usage: " + std::string{program.substr(program.rfind('/') + 1)} + " [PORT]";
  if (takes.workers) line += " [--workers N]";
  if (takes.root) line += " [--root DIR]";
  if (takes.upstream) line += " [--upstream HOST:PORT]";
  if (takes.trust) line += " [--trust SECONDS]";
  return line;
}

/// Reads one option and its value; returns false if the program does not take it or it is wrong.
inline bool read_option(Arguments& arguments, Takes takes, std::string_view option,
                        std::string_view value) {
  if (takes.workers && option == "--workers") {
    arguments.workers = number(value, 1, 10'000).value_or(0);
    return arguments.workers > 0;
  }
  if (takes.root && option == "--root") {
    arguments.root = value;
    return !value.empty();
  }
  if (takes.trust && option == "--trust") {
    const auto seconds = number(value, 0, 60);
    arguments.trust = seconds.value_or(0);
    return seconds.has_value();
  }
  if (takes.upstream && option == "--upstream") {
    const auto colon = value.rfind(':');
    if (colon == 0 || colon == value.npos) return false;
    arguments.upstream_host = value.substr(0, colon);
    arguments.upstream_port = number(value.substr(colon + 1), 1, 65'535).value_or(0);
    return arguments.upstream_port > 0;
  }
  return false;
}

/// Reads the command line.
///
/// throws    UsageError, for anything that is not understood in full.
inline Arguments parse(std::span<const char* const> words, Takes takes = {}) {
  Arguments arguments;
  const UsageError wrong{usage(words.empty() ? "server" : words[0], takes)};
  bool port_seen = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.starts_with("--")) {
      if (++i == words.size() || !read_option(arguments, takes, word, words[i])) throw wrong;
    } else {
      const auto port = number(word, 0, 65'535);
      if (!port || std::exchange(port_seen, true)) throw wrong;
      arguments.port = static_cast<std::uint16_t>(*port);
    }
  }
  return arguments;
}

}  // namespace async
