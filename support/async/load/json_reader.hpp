// JSON read back: only what `load` has written need be understood, but all of it is checked.
#pragma once

#include <charconv>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace load {

/// A value: a number (true is 1; false and null are 0), a string, or an object of values.
struct Value {
  double number = 0;
  std::string text;
  std::map<std::string, Value> members;

  const Value& at(const std::string& name) const {
    const auto found = members.find(name);
    if (found == members.end()) throw std::runtime_error{"there is no \"" + name + "\" in it"};
    return found->second;
  }
};

/// Reads one value (RFC 8259) that has no arrays in it.
///
/// throws    std::runtime_error
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_{text} {}

  Value read() {
    Value value = any();
    if (peek() != '\0') wrong();
    return value;
  }

 private:
  [[noreturn]] static void wrong() { throw std::runtime_error{"that is no JSON object of load's"}; }

  char peek() {
    while (!rest_.empty() && std::string_view{" \t\r\n"}.find(rest_[0]) != rest_.npos) skip(1);
    return rest_.empty() ? '\0' : rest_[0];
  }
  void skip(std::size_t count) { rest_.remove_prefix(count); }
  bool take(std::string_view word) {
    const bool there = peek() != '\0' && rest_.starts_with(word);
    if (there) skip(word.size());
    return there;
  }
  void insist(std::string_view word) {
    if (!take(word)) wrong();
  }

  Value any() {
    Value value;
    if (peek() == '"') {
      value.text = string();
    } else if (take("{")) {
      for (bool more = !take("}"); more; more = take(",") || (insist("}"), false)) {
        const std::string name = string();
        insist(":");
        value.members[name] = any();
      }
    } else if (take("true")) {
      value.number = 1;
    } else if (!take("false") && !take("null")) {
      value.number = number();
    }
    return value;
  }

  double number() {
    double number = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc{}) wrong();
    skip(static_cast<std::size_t>(stop - rest_.data()));
    return number;
  }

  std::string string() {
    insist("\"");
    std::string text;
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\')
        skip(1);  // what is written has no escapes but \" and \\ in these fields
      if (!rest_.empty()) text += rest_[0], skip(1);
    }
    insist("\"");
    return text;
  }

  std::string_view rest_;
};

}  // namespace load
