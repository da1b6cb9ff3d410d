// A histogram as text that other tools read: HdrHistogram's V2 encoding, compressed, in base64.
#pragma once

#include <zlib.h>

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base64.hpp"
#include "histogram.hpp"

namespace load {

/// Cookies of the format, and the layout below: HdrHistogram, AbstractHistogram.java,
/// encodeIntoByteBuffer(). Numbers are big-endian; the counts are ZigZag LEB128, where a negative
/// number stands for so many counters that are 0.
constexpr std::uint32_t plain_cookie = 0x1c84'9313, compressed_cookie = 0x1c84'9314;
constexpr std::size_t header_size = 40;

inline void put_big_endian(std::string& out, std::uint64_t number, int bytes) {
  while (bytes-- > 0) out += static_cast<char>(number >> 8 * bytes);
}

/// Seven bits a byte, the lowest first; the ninth byte has all eight.
inline void put_count(std::string& out, std::int64_t count) {
  auto bits = static_cast<std::uint64_t>(count) << 1 ^ static_cast<std::uint64_t>(count >> 63);
  for (int byte = 0; byte < 8 && bits > 127; ++byte, bits >>= 7)
    out += static_cast<char>(bits | 128);
  out += static_cast<char>(bits);
}

inline std::string counts_of(const Histogram& histogram) {
  std::string counts;
  std::int64_t zeros = 0;
  for (std::size_t at = 0; at < histogram.used(); ++at) {
    const auto count = static_cast<std::int64_t>(histogram.count(at));
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros > 0) put_count(counts, -std::exchange(zeros, 0));
    put_count(counts, count);
  }
  return counts;
}

inline std::string to_text(const Histogram& histogram) {
  const std::string counts = counts_of(histogram);
  std::string plain;
  put_big_endian(plain, plain_cookie, 4);
  put_big_endian(plain, counts.size(), 4);
  put_big_endian(plain, 0, 4);  // the counters are not shifted
  put_big_endian(plain, Histogram::digits, 4);
  put_big_endian(plain, 1, 8);  // the lowest value
  put_big_endian(plain, Histogram::highest, 8);
  put_big_endian(plain, std::bit_cast<std::uint64_t>(1.0), 8);  // from integers to values
  plain += counts;

  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  auto* const out = reinterpret_cast<Bytef*>(packed.data());
  if (compress(out, &size, reinterpret_cast<const Bytef*>(plain.data()), plain.size()) != Z_OK)
    throw std::runtime_error{"zlib could not compress a histogram"};
  packed.resize(size);
  std::string whole;
  put_big_endian(whole, compressed_cookie, 4);
  put_big_endian(whole, packed.size(), 4);
  return to_base64(whole + packed);
}

}  // namespace load
