// Lab 06: the handlers of a connection whose request is answered by the second server.
#pragma once

#include <sys/epoll.h>

#include <string_view>

#include "connection.hpp"

namespace http {

/// Passes the request on. `path` begins with a slash.
inline Phase Connection::begin_relay(std::string_view path) {
  gateway_.emplace(*site_.upstream, request(), path, how_);
  return Phase::relay;
}

/// One thing at a time: first the client gets what there is, then the second server is heard.
inline Phase Connection::relay() {
  // TODO(06.6): send what is in `out_`; if nothing is, let the gateway go on; see how it ended.
  //   So at most one buffer waits, however slow the client is, and the second server is held up
  //   in its turn. What got on, in either direction, is progress. Failed before the reply began:
  //   502. Failed later: all that is left is to close, so that the client can tell.
  //   man: RFC 9110 15.6.3   check: a_slow_upstream_delays_nobody
  async::todo("06.6");
}

/// The client takes nothing, or the second server says nothing.
inline Phase Connection::say_no_answer() {
  if (!out_.empty()) return leave_if_stuck();
  const bool begun = gateway_->answered();
  watch_gateway(0);
  gateway_.reset();
  return begun ? Phase::over : refuse(504);
}

/// Watches the second server's socket, or does not: one that has failed is ready for ever.
inline void Connection::watch_gateway(std::uint32_t interest) {
  if (interest == gateway_watched_) return;
  const int fd = gateway_->fd();
  if (gateway_watched_ == 0) {
    site_.loop.add(fd, interest, [this](std::uint32_t) {
      on_ready();
      site_.settle(*this);  // which may destroy this connection
    });
  } else if (interest == 0) {
    site_.loop.remove(fd);
  } else {
    site_.loop.modify(fd, interest);
  }
  gateway_watched_ = interest;
}

}  // namespace http
