// What stands in the place of a step that is still to be written.
#pragma once

#include <concepts>
#include <cstdio>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace async {

/// A step was reached that is still to be written.
class Todo : public std::logic_error {
 public:
  explicit Todo(std::string_view label)
      : logic_error{"TODO(" + std::string{label} + ") is still to be written"} {}
};

/// Fits every function, whatever it returns: it does not.
[[noreturn]] inline void todo(std::string_view label) { throw Todo{label}; }

/// Says on stderr that a step is missing: once, however often it is reached.
inline void mention(const Todo& missing) {
  static std::mutex mutex;
  static std::set<std::string> mentioned;
  const std::lock_guard lock{mutex};
  if (mentioned.insert(missing.what()).second) std::fprintf(stderr, "%s\n", missing.what());
}

/// Runs `attempt` and returns true; returns false if it reached a step still to be written.
/// So a program goes its older way until the step that replaces it is there:
/// `if (!written([&] { new_way(); })) old_way();`
template <std::invocable Attempt>
bool written(Attempt&& attempt) {
  try {
    std::forward<Attempt>(attempt)();
    return true;
  } catch (const Todo& missing) {
    mention(missing);
    return false;
  }
}

}  // namespace async
