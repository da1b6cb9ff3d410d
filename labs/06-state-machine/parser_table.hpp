// Lab 06: the head of a request as a state machine: states, inputs, and the table between them.
//
//   GET /a HTTP/1.1 CR LF Host: here CR LF CR LF
//   |   |  |           |  |   | |          |
//   |   |  version     |  |   | value      head_lf
//   |   target         |  |   value_start
//   method             |  name
//                      line_lf, then field_start at the beginning of each further line
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "async/todo.hpp"

namespace http {

/// Where in the head the next byte belongs.
enum class State : std::uint8_t {
  start,        // before the request: empty lines are ignored
  start_lf,     // ... the LF of such a line has to follow
  method,       // in the method
  target,       // in the request target
  version,      // in the protocol version
  line_lf,      // the LF of the request line has to follow
  field_start,  // at the beginning of a field line, or of the empty line
  name,         // in a field's name
  value_start,  // behind the colon: spaces are skipped
  value,        // in a field's value
  field_lf,     // the LF of a field line has to follow
  head_lf,      // the LF of the empty line has to follow
  complete,     // the head is over
  failed,       // this is no request
};
inline constexpr std::size_t state_count = 14;

/// What a byte is to the grammar; sets of them are made with `|`.
using Inputs = std::uint16_t;
inline constexpr Inputs token = 1;      // "tchar", RFC 9110 5.6.2: letters, digits, !#$%&'*+-.^_`|~
inline constexpr Inputs colon = 2;      // :
inline constexpr Inputs visible = 4;    // the other printable characters of ASCII: / ? = , ( ) ...
inline constexpr Inputs opaque = 8;     // 0x80 to 0xff: in values only
inline constexpr Inputs space = 16;     //
inline constexpr Inputs tab = 32;       //
inline constexpr Inputs cr = 64;        //
inline constexpr Inputs lf = 128;       //
inline constexpr Inputs control = 256;  // everything else: nowhere
inline constexpr std::size_t input_count = 9;

constexpr Inputs classify(unsigned char byte) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const unsigned char letter = byte | 32;
  if (byte >= 0x80) return opaque;
  if (letter >= 'a' && letter <= 'z') return token;
  if ((byte >= '0' && byte <= '9') || marks.find(static_cast<char>(byte)) != marks.npos)
    return token;
  if (byte == ':') return colon;
  if (byte == ' ') return space;
  if (byte == '\t') return tab;
  if (byte == '\r') return cr;
  if (byte == '\n') return lf;
  return byte > ' ' && byte < 0x7f ? visible : control;
}

/// What to do with the byte, or with the text kept so far.
enum class Action : std::uint8_t {
  none,
  keep,         // the byte belongs to the text
  end_method,   // the text is the method
  end_target,   // ... the target
  end_version,  // ... the version
  end_name,     // ... a field's name
  end_field,    // ... its value
  end_head,     // that was all
  reject,       // 400 Bad Request
};

struct Transition {
  State next;
  Action action;
};

/// One line of the table: in this state, any of these inputs leads there.
struct Rule {
  State state;
  Inputs inputs;
  State next;
  Action action = Action::none;
};

/// The rules by state and byte: one look for each byte. What no rule allows is rejected.
using Table = std::array<std::array<Transition, 256>, state_count>;

constexpr Table compile(std::span<const Rule> rules) {
  Table table{};
  for (auto& row : table) row.fill({State::failed, Action::reject});
  for (const Rule& rule : rules) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (classify(static_cast<unsigned char>(byte)) & rule.inputs) {
        table[static_cast<std::size_t>(rule.state)][byte] = {rule.next, rule.action};
      }
    }
  }
  return table;
}

}  // namespace http
