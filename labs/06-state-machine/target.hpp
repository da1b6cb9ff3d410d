// Lab 06: from a request target to a path: taken apart, decoded once, and refused if it is crooked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "async/todo.hpp"
#include "request.hpp"

namespace http {

/// The target without scheme and host, which a client may send as to a proxy: RFC 9112 3.2.2.
/// Empty if it is none that names a resource here ("*", "host:443").
inline std::string_view origin_form(std::string_view target) {
  if (target.size() >= 7 && same_word(target.substr(0, 7), "http://")) {
    const auto path = target.find_first_of("/?", 7);
    return path == target.npos || target[path] == '?' ? "/" : target.substr(path);
  }
  return target.starts_with('/') ? target : std::string_view{};
}

inline int hexadecimal(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  const int letter = digit | 32;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Decodes one segment of a path; nothing if it must not become the name of a file.
inline std::optional<std::string> decoded(std::string_view segment) {
  // TODO(06.2): replace each %XX by its byte, once, and refuse what is no plain name.
  //   %2F would make a slash and %00 an end; "..", "." and hidden files begin with a dot. Decode
  //   first and judge then: "%2e%2e" is "..", and "%252e" is the name "%2e".
  //   man: RFC 3986 2.1, 7.3   check: refuses_to_leave_the_root
  async::todo("06.2");
}

/// The path of a target, relative to the root: "/a%20b/?c" gives "a b/", and "/" gives "".
/// Nothing if a segment is refused.
inline std::optional<std::string> path_of(std::string_view target) {
  std::string_view rest = target.substr(0, target.find_first_of("?#"));
  std::string path;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    const auto name = decoded(segment);
    if (!name) return {};
    if (name->empty()) continue;  // "//"
    path.append(*name);
    if (!rest.empty()) path.push_back('/');
  }
  return path;
}

}  // namespace http
