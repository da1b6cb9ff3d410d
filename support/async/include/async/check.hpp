// From a system call's result to an exception that names the call.
#pragma once

#include <cerrno>
#include <concepts>
#include <system_error>

namespace async {

/// Throws what `error`, a value of errno, means: what() reads "bind: Address already in use".
/// `call` is a literal, not a string: building one could allocate, and so change errno.
[[noreturn]] inline void fail(const char* call, int error = errno) {
  throw std::system_error{error, std::generic_category(), call};
}

/// Returns the result of a system call, or throws what errno says, naming the call.
/// EAGAIN and EINTR throw too: where they can come they are handled in sight, before this.
template <std::signed_integral Result>
Result check(const char* call, Result result) {
  if (result < 0) fail(call);
  return result;
}

/// The same for io_uring, which never sets errno: a failure is the result itself, as -errno.
///
/// source    io_uring(7), "DESCRIPTION" (the field res of a completion)
template <std::signed_integral Result>
Result check_result(const char* call, Result result) {
  if (result < 0) fail(call, static_cast<int>(-result));
  return result;
}

}  // namespace async
