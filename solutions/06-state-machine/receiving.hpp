// Lab 06: the handlers of a connection that receives: heads, bodies, and what nobody wants.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "connection.hpp"

namespace http {

/// Makes sure that there is something in `in_`; else the phase has to wait or to end.
inline bool Connection::receive() {
  if (!in_.rest().empty()) return true;
  const Received received = in_.receive(fd(), site_.buffer);
  if (received == Received::some) return true;
  waits_ = true;
  ended_ = received == Received::end;
  return false;
}

inline Phase Connection::receive_head() {
  // STEP 06.2: receive(), let the parser take what it wants, and route() a request that is
  // complete.
  //   The client that has finished between two requests is over, in the middle of one as well.
  //   A head that failed is answered by refuse(), and the connection ends: nobody knows where the
  //   next request would begin. To go from idle to head is progress; further bytes are none.
  //   man: RFC 9112 9   check: refuses_what_it_cannot_understand
  if (!receive()) return ended_ ? Phase::over : phase_;
  in_.use(parser_.consume(in_.rest()));
  if (parser_.failed()) {
    how_ = {.close = true};
    return refuse(parser_.status());
  }
  if (parser_.complete()) return route();
  const Phase now = parser_.started() ? Phase::head : Phase::idle;
  progress_ |= now != phase_;
  return now;
}

inline Phase Connection::receive_body() {
  // STEP 06.5: write what belongs to the body, and commit the upload when all of it is there.
  //   What follows it is the next request. A client that ends in the middle has changed its mind.
  //   Each time `enough` bytes more are there set `progress_`. A write that fails: 507, and the
  //   connection ends behind it, for the rest of the body still comes. After commit() a name means
  //   another file: `site_.files.clear()`.
  //   man: RFC 9110 9.3.4   check: stores_what_was_sent
  if (body_left_ > 0 && !receive()) return ended_ ? Phase::over : phase_;
  const auto part = in_.rest().substr(0, std::min<std::uint64_t>(body_left_, in_.rest().size()));
  in_.use(part.size());
  const std::uint64_t before = std::exchange(body_left_, body_left_ - part.size());
  progress_ |= before / enough != body_left_ / enough;
  if (!upload_->write(part)) {
    how_.close = true;
    return refuse(507);
  }
  if (body_left_ > 0) return phase_;
  const int status = upload_->commit();
  upload_.reset();
  site_.files.clear();
  return refuse(status);
}

/// Reads on after the last reply, until the client closes too: to close before would reset the
/// connection, and a reset makes the client lose a reply that it has not read yet, tcp(7).
inline Phase Connection::discard() {
  if (!receive()) return ended_ ? Phase::over : phase_;
  in_.use(in_.rest().size());
  return phase_;
}

}  // namespace http
