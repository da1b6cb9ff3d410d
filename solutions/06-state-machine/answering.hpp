// Lab 06: the handlers of a connection that answers: which reply, and how it gets to the client.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>

#include "connection.hpp"
#include "files.hpp"
#include "target.hpp"

namespace http {

/// The head of a request is complete: what is to become of it?
inline Phase Connection::route() {
  how_ = {.close = true, .old_client = request().minor == 0};
  async::written([this] { decide_persistence(); });
  const std::string_view method = request().method;
  const std::string_view target = origin_form(request().target);
  const bool reads = method == "GET" || method == "HEAD";
  if (request().chunked) return refuse(411);
  Phase next = Phase::over;
  if (target.starts_with("/upstream/") && site_.upstream) {
    if (!reads) return refuse(405, "Allow: GET, HEAD\r\n");
    if (async::written([&] { next = begin_relay(target.substr(9)); })) return next;
  }
  if (method == "PUT") {
    if (async::written([&] { next = begin_upload(target); })) return next;
    return refuse(405, "Allow: GET, HEAD\r\n");
  }
  // STEP 06.2: send a file, or say why not.
  //   GET and HEAD: send_file(). A method that is known, but not for files: 405, with the field
  //   Allow. One that nobody knows: 501. No target that names a file ("*"): 400.
  //   man: RFC 9110 9.1, 15.5.6   check: refuses_what_it_cannot_understand
  if (reads) return target.empty() ? refuse(400) : send_file(target);
  const bool uploads = target.starts_with("/upload/");
  for (const std::string_view known : {"POST", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"}) {
    if (method != known) continue;
    return refuse(405, uploads ? "Allow: GET, HEAD, PUT\r\n" : "Allow: GET, HEAD\r\n");
  }
  return refuse(501);
}

/// Does the connection go on behind this reply?
inline void Connection::decide_persistence() {
  // STEP 06.3: set `how_.close`.
  //   The request tells: keep_alive(). A body that nobody is going to read would be taken for the
  //   next request: then close. And so when the server is stopping.
  //   man: RFC 9112 9.3, 9.6   check: keeps_the_connection_if_the_client_wants
  const bool body = request().chunked || request().body_size() > 0;
  how_.close = !request().keep_alive() || body || site_.stopping;
}

/// A reply that says no more than its status.
inline Phase Connection::refuse(int status, std::string_view fields) {
  add_page(out_.text, status, how_, fields, request().method == "HEAD");
  upload_.reset();
  after_reply_ = how_.close ? Phase::farewell : Phase::idle;
  return Phase::reply;
}

inline Phase Connection::send_file(std::string_view target) {
  // STEP 06.2: open the file of the target, and put head and file into `out_`.
  //   A directory asked for without its slash: 301 with Location, or the links of its page would
  //   be wrong. HEAD: the same head, its length included, and no file.
  //   man: RFC 9110 8.6, 9.3.2   check: serves_files_as_they_are
  const auto path = path_of(target);
  if (!path) return refuse(404);
  const auto opened = site_.open(*path);
  if (opened->status == 301) {
    const auto name = target.substr(0, target.find_first_of("?#"));
    const auto first = std::min(name.find_first_not_of('/'), name.size());
    return refuse(301, "Location: /" + std::string{name.substr(first)} + "/\r\n");
  }
  if (opened->status != 200) return refuse(opened->status);
  begin_head(out_.text, 200, how_);
  add_field(out_.text, "Content-Type", opened->type);
  add_field(out_.text, "Content-Length", std::to_string(opened->size));
  add_field(out_.text, "Accept-Ranges", "none");
  out_.text.append("\r\n");
  if (request().method == "GET") out_.add(opened);
  after_reply_ = how_.close ? Phase::farewell : Phase::idle;
  return Phase::reply;
}

inline Phase Connection::begin_upload(std::string_view target) {
  // STEP 06.5: refuse the upload, or open it and wait for its body.
  //   Outside of /upload/: 405, with the field Allow. No name directly in it: 404. No length: 411,
  //   and the connection ends. More than upload_limit: 413. A part of a file: 400. Else Upload
  //   tells. A body that is read is no reason to close, as it was for decide_persistence(), and its
  //   time begins now: `progress_`. Who expects 100 Continue waits for it, or for a refusal.
  //   man: RFC 9110 10.1.1   check: refuses_uploads_before_they_come
  if (!target.starts_with("/upload/")) return refuse(405, "Allow: GET, HEAD\r\n");
  const auto name = path_of(target.substr(7));
  if (!name || name->empty() || name->find('/') != name->npos) return refuse(404);
  if (!request().content_length) {
    how_.close = true;
    return refuse(411);
  }
  if (request().body_size() > upload_limit) return refuse(413);
  if (request().partial) return refuse(400);
  upload_.emplace(site_.root.get(), *name);
  if (upload_->status() != 0) return refuse(upload_->status());
  how_.close = !request().keep_alive() || site_.stopping;
  body_left_ = request().body_size();
  progress_ = true;
  if (!request().expects_continue || !in_.rest().empty()) return Phase::body;
  out_.text.append("HTTP/1.1 100 Continue\r\n\r\n");
  after_reply_ = Phase::body;
  return Phase::reply;
}

/// Sends what there is of a reply, and goes where it leads.
inline Phase Connection::send_reply() {
  switch (out_.send(fd())) {
    case Sent::all:
      progress_ = true;
      return after_reply();
    case Sent::some:
      progress_ = true;
      return Phase::reply;
    case Sent::failed:
      return Phase::over;
    case Sent::nothing:
      break;
  }
  return async::written([this] { keep_sending(); }) ? Phase::reply : Phase::over;
}

/// The socket takes nothing now.
inline void Connection::keep_sending() {
  // STEP 06.3: wait until it does: say so in `waits_`.
  //   The row of Phase::reply then has the socket watched for output, and for output only: what
  //   the client sends meanwhile stays in the kernel, so nothing piles up here.
  //   man: tcp(7)   check: a_slow_reader_gets_all_and_delays_nobody
  waits_ = true;
}

/// Nothing could be sent for too long. A slow reader is no stuck one: it gets its time anew.
inline Phase Connection::leave_if_stuck() { return out_.gets_through(fd()) ? phase_ : Phase::over; }

inline Phase Connection::after_reply() {
  if (after_reply_ == Phase::idle) return next_request();
  if (after_reply_ == Phase::farewell) ::shutdown(fd(), SHUT_WR);
  return after_reply_;
}

inline Phase Connection::next_request() {
  // STEP 06.3: make the parser ready for the next request.
  //   It may lie in `in_` already, whole or in part: requests are answered in their order.
  //   man: RFC 9112 9.3.2   check: answers_pipelined_requests_in_order
  parser_.restart();
  return Phase::idle;
}

/// The request does not come to its end.
inline Phase Connection::say_too_late() {
  how_ = {.close = true};
  return refuse(408);
}

}  // namespace http
