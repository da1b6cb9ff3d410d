// Lab 06: the few fields of a request that change what the server does with it.
#pragma once

#include <charconv>
#include <string_view>

#include "async/todo.hpp"
#include "request.hpp"

namespace http {

/// Content-Length: digits only. Returns 0, or the status of the error.
inline int note_length(Request& request, std::string_view value) {
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  if (value.empty() || value.find_first_not_of("0123456789") != value.npos) return 400;
  if (std::from_chars(value.data(), end, length).ec != std::errc{}) return 413;  // 2^64 and more
  if (request.content_length && *request.content_length != length) return 400;
  request.content_length = length;
  return 0;
}

/// Takes note of a field. Returns 0, or the status of the error.
///
/// source    RFC 9112 3.2 (Host), 6.1 and 6.3 (length), 9.3 (Connection); RFC 9110 10.1.1 (Expect)
inline int note_field(Request& request, std::string_view name, std::string_view value) {
  // TODO(06.1): fill in what Host, Content-Length, Transfer-Encoding, Connection and Expect say.
  //   Names and words are compared by same_word(). Two lengths that differ are an attack: 400.
  //   A transfer coding other than chunked: 501. Expect is nothing to an HTTP/1.0 client.
  //   man: RFC 9112 6.3   check: the_length_of_a_body_is_unambiguous
  async::todo("06.1");
}

/// The fields are all there: do they belong together? Returns 0, or the status of the error.
inline int judge_fields(const Request& request) {
  // TODO(06.1): refuse a head that two servers could understand differently.
  //   HTTP/1.1 needs exactly one Host, 1.0 at most one. A coding beside a length, or in HTTP/1.0,
  //   is how requests are smuggled past a proxy.
  //   man: RFC 9112 3.2, 6.1, 11.2   check: refuses_what_could_be_smuggled
  async::todo("06.1");
}

}  // namespace http
