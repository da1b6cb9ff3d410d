// Lab 06: what a gateway reads of the other server's reply, and what it passes on.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "async/todo.hpp"
#include "body_decoder.hpp"
#include "parser_table.hpp"
#include "request.hpp"

namespace http {

/// The head of the other server's reply.
struct UpstreamHead {
  int status = 0;  // 0: it could not be understood
  std::string fields;
  bool chunked = false;
  bool has_length = false;
  std::uint64_t length = 0;
};

/// Are these bytes all that there are in `text`?
inline bool consists_of(std::string_view text, Inputs allowed) {
  return std::ranges::all_of(text, [=](unsigned char c) { return classify(c) & allowed; });
}

/// Runs `use(name, value)` for each line "Name: value"; an empty line may be the last. Returns
/// false at a line that is none, or that others could read in another way: a space before the
/// colon, a line that is folded, a CR in the middle. RFC 9112 2.2, 5.1, 5.2
template <typename Use>
bool for_each_field(std::string_view lines, Use use) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size() - 1);
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return lines.empty();
    const auto name_end = line.find(':');
    if (name_end == line.npos || name_end == 0) return false;
    const std::string_view name = line.substr(0, name_end);
    const std::string_view value = trimmed(line.substr(name_end + 1));
    if (!consists_of(name, token)) return false;
    if (!consists_of(value, token | colon | visible | opaque | space | tab)) return false;
    use(name, value);
  }
  return true;
}

/// Does a field concern this connection only, so that it is not passed on? RFC 9110 7.6.1
inline bool hop_by_hop(std::string_view name) {
  for (const std::string_view known :
       {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "content-length", "host", "expect"}) {
    if (same_word(name, known)) return true;
  }
  return false;
}

/// The fields that are passed on: neither hop-by-hop, nor named by a Connection field.
inline std::string end_to_end(std::string_view lines) {
  std::string listed;
  std::string kept;
  for_each_field(lines, [&](std::string_view name, std::string_view value) {
    if (same_word(name, "connection")) listed.append(",").append(value);
  });
  for_each_field(lines, [&](std::string_view name, std::string_view value) {
    bool dropped = hop_by_hop(name);
    for_each_member(listed, [&](std::string_view word) { dropped |= same_word(word, name); });
    if (!dropped) kept.append(name).append(": ").append(value).append("\r\n");
  });
  return kept;
}

/// Reads a whole head, its empty line included.
inline UpstreamHead parse_upstream_head(std::string_view head) {
  UpstreamHead parsed;
  const auto line_end = head.find('\n');
  const std::string_view line = head.substr(0, line_end);
  if (line_end == head.npos || !line.starts_with("HTTP/1.") || line.size() < 12) return {};
  int status = 0;
  std::from_chars(line.data() + 9, line.data() + 12, status);
  if (line[8] != ' ' || status < 100 || status > 599) return {};
  bool good = true;
  good &= for_each_field(head.substr(line_end + 1), [&](auto name, std::string_view value) {
    if (same_word(name, "transfer-encoding")) {
      good &= same_word(value, "chunked") && !parsed.chunked;  // no other coding is known here
      parsed.chunked = true;
    }
    if (!same_word(name, "content-length")) return;
    std::uint64_t length = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, length);
    good &= error == std::errc{} && stop == end;
    good &= !parsed.has_length || parsed.length == length;
    parsed.has_length = true;
    parsed.length = length;
  });
  if (!good) return {};
  parsed.status = status;
  parsed.fields = end_to_end(head.substr(line_end + 1));
  return parsed;
}

/// How its body ends. The method counts: the reply to a HEAD has no body, whatever it says.
inline Framing framing_of(const UpstreamHead& head, std::string_view method) {
  if (method == "HEAD" || head.status == 204 || head.status == 304) return Framing::none;
  if (head.chunked) return Framing::chunked;
  return head.has_length ? Framing::length : Framing::until_close;
}

}  // namespace http
