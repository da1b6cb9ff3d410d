// JSON as it is written here: one object a line, flushed at once (RFC 8259).
#pragma once

#include <cmath>
#include <concepts>
#include <cstdio>
#include <string>
#include <string_view>

namespace load {

/// `text` in quotation marks. Bytes above 127 are passed on: they are UTF-8 already.
inline std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 32) {
      std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// An object that grows member by member: Object{}.add("messages", 5).text() is {"messages":5}.
class Object {
 public:
  template <typename Value>
  Object& add(std::string_view name, const Value& value) {
    text_ += (text_.size() > 1 ? "," : "") + quoted(name) + ":" + written(value);
    return *this;
  }
  std::string text() const { return text_ + '}'; }

  void print() const {
    std::printf("%s\n", text().c_str());
    std::fflush(stdout);
  }

 private:
  static std::string written(bool value) { return value ? "true" : "false"; }
  static std::string written(std::integral auto value) { return std::to_string(value); }
  static std::string written(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.12g", value);
    return std::isfinite(value) ? text : "null";
  }
  static std::string written(std::string_view value) { return quoted(value); }
  static std::string written(const std::string& value) { return quoted(value); }
  static std::string written(const char* value) { return quoted(value); }
  static std::string written(const Object& value) { return value.text(); }

  std::string text_ = "{";
};

}  // namespace load
