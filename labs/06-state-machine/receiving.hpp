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
  // TODO(06.2): receive(), let the parser take what it wants, and route() a request that is
  // complete.
  //   The client that has finished between two requests is over, in the middle of one as well.
  //   A head that failed is answered by refuse(), and the connection ends: nobody knows where the
  //   next request would begin. To go from idle to head is progress; further bytes are none.
  //   man: RFC 9112 9   check: refuses_what_it_cannot_understand
  async::todo("06.2");
}

inline Phase Connection::receive_body() {
  // TODO(06.5): write what belongs to the body, and commit the upload when all of it is there.
  //   What follows it is the next request. A client that ends in the middle has changed its mind.
  //   Each time `enough` bytes more are there set `progress_`. A write that fails: 507, and the
  //   connection ends behind it, for the rest of the body still comes. After commit() a name means
  //   another file: `site_.files.clear()`.
  //   man: RFC 9110 9.3.4   check: stores_what_was_sent
  async::todo("06.5");
}

/// Reads on after the last reply, until the client closes too: to close before would reset the
/// connection, and a reset makes the client lose a reply that it has not read yet, tcp(7).
inline Phase Connection::discard() {
  if (!receive()) return ended_ ? Phase::over : phase_;
  in_.use(in_.rest().size());
  return phase_;
}

}  // namespace http
