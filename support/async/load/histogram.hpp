// Latencies, counted: an HdrHistogram, each value true to three digits whatever its size.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace load {

/// Counts values from 1 ns to an hour. The first 2,048 values have a counter each; from there on
/// every doubling has 1,024, so the error is below 0.1 %. Recording is a shift and an increment.
///
/// source    HdrHistogram (hdrhistogram.org), Histogram.java: lowest value 1, 3 significant digits.
class Histogram {
 public:
  static constexpr std::uint64_t highest = 3'600'000'000'000;  // nanoseconds
  static constexpr int digits = 3;
  static constexpr int half_bits = 10;  // 1,024 counters for a doubling
  static constexpr std::size_t half = 1 << half_bits;
  static constexpr std::size_t size = (std::bit_width(highest) - half_bits + 1) * half;

  void record(std::int64_t value) { add(index(clamp(value)), 1); }

  void add(std::size_t index, std::uint64_t count) {
    counts_[index] += count;
    total_ += count;
  }

  void add(const Histogram& other) {
    for (std::size_t at = 0; at < size; ++at) counts_[at] += other.counts_[at];
    total_ += other.total_;
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t count(std::size_t index) const { return counts_[index]; }

  /// The value that `percent` of all values do not exceed; 0 when there is none.
  std::uint64_t percentile(double percent) const {
    const double share = std::ceil(percent / 100 * double(total_));
    const auto wanted = std::max<std::uint64_t>(static_cast<std::uint64_t>(share), 1);
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < size; ++at)
      if ((seen += counts_[at]) >= wanted) return last_value(at);
    return 0;
  }

  double mean() const {
    double sum = 0;
    for (std::size_t at = 0; at < size; ++at)
      if (counts_[at] > 0) sum += double(counts_[at]) * double(middle(at));
    return total_ > 0 ? sum / double(total_) : 0;
  }

  /// How many counters are in use, from the first one on.
  std::size_t used() const {
    std::size_t last = size;
    while (last > 0 && counts_[last - 1] == 0) --last;
    return last;
  }

 private:
  static constexpr std::uint64_t clamp(std::int64_t value) {
    return std::clamp<std::uint64_t>(value < 1 ? 1 : static_cast<std::uint64_t>(value), 1, highest);
  }
  static constexpr std::size_t index(std::uint64_t value) {
    const int doublings = std::bit_width(value | (2 * half - 1)) - half_bits - 1;
    return (std::size_t(doublings) << half_bits) + (value >> doublings);
  }
  static constexpr int doublings(std::size_t index) {
    return index < 2 * half ? 0 : static_cast<int>(index >> half_bits) - 1;
  }
  static constexpr std::uint64_t first_value(std::size_t index) {
    const int times = doublings(index);
    return (index - (std::size_t(times) << half_bits)) << times;
  }
  static constexpr std::uint64_t last_value(std::size_t index) {
    return first_value(index) + (1ULL << doublings(index)) - 1;
  }
  static constexpr std::uint64_t middle(std::size_t index) {
    return first_value(index) + (1ULL << doublings(index)) / 2;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(size);
  std::uint64_t total_ = 0;
};

}  // namespace load
