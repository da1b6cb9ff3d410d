// Lab 06: what every reply begins with: status line, date, what follows, and who closes.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace http {

/// The reason phrase of a status, RFC 9110 15.
inline std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

/// "Date: Sat, 21 Nov 2026 11:14:36 GMT\r\n", made anew once a second. RFC 9110 5.6.7
inline std::string_view date_line() {
  static std::time_t made = 0;
  static std::string line;
  if (const std::time_t now = std::time(nullptr); now != made) {
    char text[48];  // the locale is "C" unless somebody calls setlocale(3): names are English
    const std::size_t size =
        std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", std::gmtime(&now));
    line.assign(text, size);
    made = now;
  }
  return line;
}

/// Whether the connection goes on, and how the client is told: HTTP/1.0 wants to hear that it does.
struct Persistence {
  bool close = false;
  bool old_client = false;  // HTTP/1.0
};

/// The status line, and who closes.
inline void add_status(std::string& out, int status, Persistence how) {
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason(status));
  out.append("\r\n");
  if (how.close) out.append("Connection: close\r\n");
  if (!how.close && how.old_client) out.append("Connection: keep-alive\r\n");
}

/// Begins a head: further fields and the empty line are the caller's.
inline void begin_head(std::string& out, int status, Persistence how) {
  add_status(out, status, how);
  out.append(date_line());
}

inline void add_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// A whole reply that says no more than its status.
///
/// fields      lines that belong to this status, such as Allow with 405
/// head_only   the request was HEAD: the same head, and no body
inline void add_page(std::string& out, int status, Persistence how, std::string_view fields = {},
                     bool head_only = false) {
  const std::string body = std::to_string(status) + " " + std::string{reason(status)} + "\n";
  begin_head(out, status, how);
  out.append(fields);
  if (status != 204) {  // which never has a body, RFC 9110 15.3.5
    add_field(out, "Content-Type", "text/plain; charset=utf-8");
    add_field(out, "Content-Length", std::to_string(body.size()));
  }
  out.append("\r\n");
  if (status != 204 && !head_only) out.append(body);
}

}  // namespace http
