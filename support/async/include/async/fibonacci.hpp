// Something to compute: work that keeps a CPU busy for as long as one likes.
#pragma once

#include <cstdint>

namespace async {

/// The n-th Fibonacci number, where fibonacci(0) = fibonacci(1) = 1; n is 92 at most (64 bits).
/// Two calls for every sum, on purpose: it stands for a request that needs a CPU. No attribute of
/// the standard keeps a compiler from making it cheaper, so the empty assembly does: its result
/// must be there before the return, and may depend on anything.
[[gnu::noinline]] inline std::uint64_t fibonacci(unsigned n) {
  if (n < 2) return 1;
  std::uint64_t sum = fibonacci(n - 1) + fibonacci(n - 2);
  asm volatile("" : "+r"(sum));
  return sum;
}

}  // namespace async
