// What the request-reply servers do for a client, apart from how they wait: one request, one reply.
#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "async/fibonacci.hpp"

namespace async {

/// Drops white space at both ends: that of isspace(3) in the "C" locale.
inline std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  return text.substr(0, text.find_last_not_of(space) + 1);
}

/// Answers a request: a decimal number, optionally with a sign and white space around it.
///
/// limit     the largest number that is computed, at most 92
/// returns   the Fibonacci number; `error` if it is no number; `out of range` outside 0 to limit
inline std::string reply_to(std::string_view request, unsigned limit = 34) {
  std::string_view digits = trim(request);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return "error";
  unsigned n = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (problem != std::errc{} || n > limit || (negative && n > 0)) return "out of range";
  return std::to_string(fibonacci(n));
}

/// What a server is asked to do, whatever its model.
struct Service {
  /// From a request, at most 256 bytes, to its reply. May run in several threads or processes at
  /// once, and may throw.
  std::function<std::string(std::string_view)> handle = [](std::string_view request) {
    return reply_to(request);
  };
  std::chrono::milliseconds wait{0};  // before it is handled, as if a data base were asked
  bool quiet = true;                  // says nothing about clients on stderr
};

/// Has a request handled. A handler that throws answers `error`, and counts in `failures`.
inline std::string answer(const Service& service, std::string_view request,
                          std::atomic<std::uint64_t>* failures = nullptr) {
  try {
    return service.handle(request);
  } catch (...) {  // whatever it was: one client's request must not end the others'
    if (failures) ++*failures;
    return "error";
  }
}

}  // namespace async
