// A histogram read back from its text: what histogram_text.hpp wrote, or another tool.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base64.hpp"
#include "histogram.hpp"
#include "histogram_text.hpp"

namespace load {

/// Takes numbers off the front of encoded bytes.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_{bytes} {}

  bool more() const { return !bytes_.empty(); }

  std::uint64_t big_endian(int bytes) {
    std::uint64_t number = 0;
    while (bytes-- > 0) number = number << 8 | byte();
    return number;
  }

  std::int64_t count() {
    std::uint64_t bits = 0, part = 128;
    for (int at = 0; at < 9 && part >= 128; ++at) {
      part = byte();
      bits |= (at < 8 ? part & 127 : part) << 7 * at;
    }
    return static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
  }

 private:
  std::uint64_t byte() {
    if (bytes_.empty()) throw std::runtime_error{"a histogram is cut short"};
    const auto first = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return first;
  }

  std::string_view bytes_;
};

/// What was compressed; at most what the largest histogram of our shape takes.
inline std::string unpacked(std::string_view packed) {
  uLongf size = header_size + Histogram::size * 9;
  std::string plain(size, '\0');
  const auto* const in = reinterpret_cast<const Bytef*>(packed.data());
  if (uncompress(reinterpret_cast<Bytef*>(plain.data()), &size, in, packed.size()) != Z_OK)
    throw std::runtime_error{"a histogram cannot be uncompressed"};
  plain.resize(size);
  return plain;
}

/// throws    std::runtime_error if that is no histogram, or one with another precision or unit.
inline Histogram from_text(std::string_view text) {
  const std::string whole = from_base64(text);
  Decoder outer{whole};
  if (outer.big_endian(4) != compressed_cookie)
    throw std::runtime_error{"a histogram is not in the compressed V2 format of HdrHistogram"};
  outer.big_endian(4);  // the length of what follows
  const std::string plain = unpacked(std::string_view{whole}.substr(8));
  Decoder inner{plain};
  const bool cookie = inner.big_endian(4) == plain_cookie;
  inner.big_endian(4);  // the length of the counts
  const bool unshifted = inner.big_endian(4) == 0;
  const bool precision = inner.big_endian(4) == Histogram::digits && inner.big_endian(8) == 1;
  if (!cookie || !unshifted || !precision)
    throw std::runtime_error{"a histogram has another precision than 3 digits from 1 ns on"};
  inner.big_endian(8), inner.big_endian(8);  // its highest value, and a ratio for other units
  Histogram histogram;
  for (std::uint64_t at = 0; inner.more();) {
    const std::int64_t count = inner.count();
    const std::uint64_t step = count < 0 ? 0 - static_cast<std::uint64_t>(count) : 1;
    if (at >= Histogram::size || step > Histogram::size - at)
      throw std::runtime_error{"a histogram has values above an hour"};
    if (count > 0) histogram.add(at, static_cast<std::uint64_t>(count));
    at += step;
  }
  return histogram;
}

}  // namespace load
