// Lab 07: from a request's target to a path, and from an outcome to the head of a response.
#pragma once

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "request.hpp"

namespace http {

/// Decodes %XX. Returns nothing if that is malformed, or hides the end of a C string.
inline std::optional<std::string> percent_decoded(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    unsigned byte = static_cast<unsigned char>(text[0]);
    if (text[0] == '%') {
      if (text.size() < 3) return {};
      const auto [stop, error] = std::from_chars(&text[1], &text[1] + 2, byte, 16);
      if (error != std::errc{} || stop != &text[1] + 2) return {};
    }
    if (byte == 0) return {};
    plain.push_back(static_cast<char>(byte));
    text.remove_prefix(text[0] == '%' ? 3 : 1);
  }
  return plain;
}

/// The path that a target names, without its first slash and without the query; nothing if it names
/// none. "/a%20b?c" is "a b". Whether it leads out of the root is not decided here.
inline std::optional<std::string> path_of(std::string_view target) {
  if (target.starts_with("http://")) {  // the absolute form, RFC 9112 3.2.2
    target.remove_prefix(7);
    target.remove_prefix(std::min(target.find('/'), target.size()));
  }
  if (!target.starts_with('/')) return {};
  target = target.substr(0, target.find('?'));
  target.remove_prefix(std::min(target.find_first_not_of('/'), target.size()));
  return percent_decoded(target);
}

inline const char* reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

/// What to answer when open() has failed with `error`.
inline int status_of(int error) {
  switch (error) {
    case 0:
      return 200;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ENXIO:
      return 404;
    case EACCES:
    case EPERM:
    case EXDEV:
    case ELOOP:
      return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return 503;
    default:
      return 500;
  }
}

/// By the name's ending; what a browser does not know it saves.
inline const char* media_type(std::string_view path) {
  constexpr std::pair<std::string_view, const char*> known[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript"},
      {".txt", "text/plain; charset=utf-8"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"}};
  for (const auto& [ending, type] : known) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

/// The head of a response with `length` bytes of body; `close`: it is the connection's last.
inline std::string head(int status, std::uint64_t length, const char* type, bool close) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " " + reason(status) +
                     "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(length) +
                     "\r\n";
  if (status == 405) text += "Allow: GET, HEAD\r\n";
  return text + (close ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
}

}  // namespace http
