// Lab 06: an incremental parser of request heads: it takes bytes as they come, in whatever pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "async/todo.hpp"
#include "parser_table.hpp"
#include "request.hpp"
#include "request_fields.hpp"

namespace http {

/// Parses the head of one request after the other.
///
/// All that it remembers between two calls is a state, the text of the piece it is in, and the
/// request so far: at most 8 KiB of request line and 16 KiB of fields (our limits).
class RequestParser {
 public:
  /// Takes bytes up to the end of the head, and none behind it: they are the body, or the next
  /// request. Returns how many it took; 0 once it is complete or has failed.
  /// cost      O(bytes): each byte is looked at once.
  std::size_t consume(std::string_view bytes) {
    // TODO(06.1): for each byte look the transition up, go to its state and do its action.
    //   Stop behind the byte that completes the head, or that fails. Count the bytes of the line,
    //   or of the fields, against `room_`: without a limit a client decides how much you keep.
    //   man: RFC 9112 2.2   check: the_same_result_for_every_split
    async::todo("06.1");
  }

  State state() const { return state_; }
  bool complete() const { return state_ == State::complete; }
  bool failed() const { return state_ == State::failed; }
  bool started() const { return state_ > State::start_lf; }  // of the request anything has come

  /// Why it failed: 400, 413, 414, 431, 501 or 505.
  int status() const { return status_; }

  const Request& request() const { return request_; }

  /// Ready for the next request of the same connection.
  void restart() {
    request_.clear();
    text_.clear();
    state_ = State::start;
    status_ = 0;
    field_count_ = 0;
    room_ = line_limit;
  }

  static constexpr std::size_t line_limit = 8 * 1024;     // bytes
  static constexpr std::size_t fields_limit = 16 * 1024;  // bytes
  static constexpr int field_limit = 100;                 // fields

 private:
  /// What a byte leads to in a state.
  static Transition transition(State state, char byte) {
    // TODO(06.1): write the rules, and look the byte up in them.
    //   A line ends with CR LF; a lone LF may be taken for it, a lone CR never. No space stands
    //   before the colon; a line that begins with a space is rejected. `static constexpr Table`.
    //   man: RFC 9112 3, 5   check: refuses_what_is_no_request
    async::todo("06.1");
  }

  /// Does what a transition asks for. `text_` is what has been kept since the last end.
  void act(Action action, char byte) {
    switch (action) {
      case Action::none:
        return;
      case Action::keep:
        return text_.push_back(byte);
      case Action::end_method:
        return move_text(request_.method);
      case Action::end_target:
        return text_.empty() ? fail(400) : move_text(request_.target);
      case Action::end_version:
        return end_version();
      case Action::end_name:
        return move_text(name_);
      case Action::end_field:
        return end_field();
      case Action::end_head:
        return fail_if(judge_fields(request_));
      case Action::reject:
        return fail(400);
    }
  }

  void move_text(std::string& where) {
    where = text_;  // a copy into memory that is there already
    text_.clear();
  }

  /// "HTTP/1.1": the major number says how to read the rest, the minor one what to expect.
  void end_version() {
    // TODO(06.1): check the version, and count the fields from here on.
    //   Anything but HTTP/digit.digit is no version: 400. Another major number than 1: 505.
    //   man: RFC 9112 2.3   check: refuses_what_is_no_request
    async::todo("06.1");
  }

  /// A field line is over: name_ is its name, text_ its value.
  void end_field() {
    // TODO(06.1): note the field, at most `field_limit` of them, and add it to `request_.fields`.
    //   Spaces behind the value do not belong to it: trimmed().
    //   man: RFC 9112 5.1   check: heads_are_bounded
    async::todo("06.1");
  }

  void fail_if(int status) {
    if (status != 0) fail(status);
  }

  void fail(int status) {
    state_ = State::failed;
    status_ = status;
  }

  State state_ = State::start;
  int status_ = 0;
  std::size_t room_ = line_limit;  // bytes that the line, or the fields, may still have
  std::string text_;               // of the piece that the parser is in
  std::string name_;               // of the field whose value it is in
  Request request_;
  int field_count_ = 0;
};

}  // namespace http
