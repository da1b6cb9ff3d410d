// What a wrong echo looks like: bytes lost, repeated, in another order, of another client, changed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "connection.hpp"
#include "pattern.hpp"

namespace load {

/// How many bytes differ, and the place of the first one.
struct Difference {
  std::size_t count = 0;
  std::size_t first = 0;

  Difference(Bytes expected, Bytes got) {
    for (std::size_t at = std::min(expected.size(), got.size()); at-- > 0;)
      if (expected[at] != got[at]) ++count, first = at;
  }
};

/// Names the fault. The ring of the pattern tells from where in a stream bytes come: `got` begins
/// with the first wrong byte, which stands at `offset` of the connection's stream.
class Suspicion {
 public:
  Suspicion(const Pattern& pattern, const std::vector<Connection>& all)
      : pattern_{pattern}, all_{all} {}

  std::string name(const Connection& connection, std::uint64_t offset, Bytes got) const {
    const Bytes clue = got.first(std::min<std::size_t>(got.size(), 16));
    const Bytes ring = pattern_.ring();
    const auto found = std::search(ring.begin(), ring.end(), clue.begin(), clue.end());
    if (clue.size() >= certain && found != ring.end()) {
      const auto place = static_cast<std::uint64_t>(found - ring.begin());
      const std::uint64_t ahead = distance(connection.key + offset, place);
      if (ahead <= connection.promised - offset) {
        if (starts(got, pattern_.at(connection.key, offset + ahead, got.size())))
          return "bytes lost";
      } else if (Pattern::period - ahead <= offset) {
        return "bytes repeated";
      } else if (of_another(connection, place)) {
        return "bytes of another connection";
      }
    }
    if (offset == connection.promised) return "more bytes than were sent";
    const Bytes expected = pattern_.at(connection.key, offset, got.size());
    return same_bytes(expected, got) ? "bytes in another order" : "bytes changed";
  }

 private:
  static constexpr std::size_t certain = 4;  // fewer bytes may stand anywhere in the ring by chance

  static std::uint64_t distance(std::uint64_t from, std::uint64_t to) {
    return (to + Pattern::period - from % Pattern::period) % Pattern::period;
  }

  static bool starts(Bytes got, Bytes with) {
    return std::equal(with.begin(), with.end(), got.begin());
  }

  /// Whether the one is the other, stirred.
  static bool same_bytes(Bytes one, Bytes other) {
    std::vector<char> left(one.begin(), one.end()), right(other.begin(), other.end());
    std::ranges::sort(left);
    std::ranges::sort(right);
    return left == right;
  }

  /// Whether somebody else has sent, lately, what lies at `place` of the ring.
  bool of_another(const Connection& connection, std::uint64_t place) const {
    return std::ranges::any_of(all_, [&](const Connection& other) {
      const std::uint64_t back = distance(place, other.key + other.sent);
      return &other != &connection && back <= std::min<std::uint64_t>(other.sent, Pattern::longest);
    });
  }

  const Pattern& pattern_;
  const std::vector<Connection>& all_;
};

}  // namespace load
