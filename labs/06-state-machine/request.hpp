// Lab 06: what the server knows of a request once its head has been parsed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace http {

/// Compares as field names and most of their words are compared: without regard to case.
inline bool same_word(std::string_view left, std::string_view right) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

/// Cuts spaces and tabs off both ends: the "OWS" of RFC 9110 5.6.3.
inline std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Runs `use` on each member of a comma-separated list, RFC 9110 5.6.1. Empty members are none.
template <typename Use>
void for_each_member(std::string_view list, Use use) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const std::string_view member = trimmed(list.substr(0, comma));
    if (!member.empty()) use(member);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// The head of a request. Its strings keep their memory from one request to the next.
struct Request {
  std::string method;                           // "GET": case matters
  std::string target;                           // as it was sent: "/a%20b?c"
  int minor = 1;                                // of HTTP/1.minor
  std::string fields;                           // "Name: value\r\n" each, for who passes them on
  int hosts = 0;                                // number of Host fields
  std::optional<std::uint64_t> content_length;  // bytes of the body, if it says
  bool chunked = false;                         // Transfer-Encoding: chunked
  bool close = false;                           // Connection: close
  bool persist = false;                         // Connection: keep-alive
  bool expects_continue = false;                // Expect: 100-continue
  bool partial = false;                         // Content-Range: only a part is sent

  /// May another request follow on this connection? RFC 9112 9.3.
  bool keep_alive() const { return !close && (minor >= 1 || persist); }

  /// Bytes of body behind the head; those of a chunked one are not known.
  std::uint64_t body_size() const { return content_length.value_or(0); }

  /// As new, but for the memory of the strings.
  void clear() {
    Request fresh;
    fresh.method = std::move(method);
    fresh.target = std::move(target);
    fresh.fields = std::move(fields);
    *this = std::move(fresh);
    for (std::string* text : {&method, &target, &fields}) text->clear();
  }
};

}  // namespace http
