// The bytes that are sent, and so the bytes that must come back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace load {

using Bytes = std::span<const char>;

/// A ring of random bytes. Every connection's stream begins at a place of its own, its key, and
/// goes round. So a message is sent straight from here, and compared with what lies here: nothing
/// is made, copied or allocated. A byte that is lost, doubled, or of another connection differs
/// from the one expected, but for chance.
class Pattern {
 public:
  static constexpr std::size_t period = 262'139;    // a prime: no power of two is a way around
  static constexpr std::size_t longest = 64 << 10;  // that one call gives

  Pattern() : bytes_(period + longest) {
    std::mt19937 random{20'240'501};  // any number: results can be repeated
    for (std::size_t at = 0; at < period; ++at) bytes_[at] = static_cast<char>(random());
    std::copy_n(bytes_.begin(), longest, bytes_.begin() + period);
  }

  /// Where the stream of the connection with this serial number begins: all differ until 262,139.
  static std::uint32_t key(std::uint32_t serial) {
    return static_cast<std::uint32_t>(serial * 161'803ULL % period);
  }

  /// The stream's bytes from `offset` on: `wanted` of them, or `longest` if that is less.
  Bytes at(std::uint32_t key, std::uint64_t offset, std::size_t wanted) const {
    return {bytes_.data() + (key + offset) % period, std::min(wanted, longest)};
  }

  /// One turn of the ring, to search in.
  Bytes ring() const { return bytes_; }

 private:
  std::vector<char> bytes_;
};

}  // namespace load
