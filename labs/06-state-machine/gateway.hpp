// Lab 06: a request that is answered by another server, which is asked without waiting for it.
#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/todo.hpp"
#include "body_decoder.hpp"
#include "response.hpp"
#include "upstream.hpp"
#include "upstream_head.hpp"

namespace http {

/// One request to the second server and its reply, made over for our own client.
class Gateway {
 public:
  enum class State {
    connecting,  // until the socket takes output: then SO_ERROR tells whether it is connected
    sending,     // the request goes out
    head,        // the head of the reply comes in
    body,        // its body comes in, and goes on to the client
    complete,
    failed,  // refused, broken off, or not understood
  };

  /// path    what to ask for, from its slash on
  /// how     how our client is to be answered
  Gateway(const Upstream& upstream, const Request& request, std::string_view path, Persistence how)
      : method_{request.method}, how_{how} {
    request_ = method_ + " " + std::string{path} + " HTTP/1.1\r\nHost: " + upstream.name +
               "\r\nConnection: close\r\nVia: 1." + std::to_string(request.minor) +
               " asynclab\r\n" + end_to_end(request.fields) + "\r\n";
    connect(upstream);
  }

  int fd() const { return socket_.get(); }
  State state() const { return state_; }
  bool over() const { return state_ == State::complete || state_ == State::failed; }
  bool answered() const { return answered_; }  // the client's reply has begun
  bool closes() const { return how_.close; }   // and our client is told its end by closing

  /// What to watch its socket for.
  std::uint32_t interest() const { return state_ < State::head ? EPOLLOUT : EPOLLIN; }

  /// Does what can be done now; what the client is to get is added to `out`, at most about one
  /// buffer of it. Returns false if there was nothing to do but wait.
  bool advance(std::span<char> buffer, std::string& out) {
    switch (state_) {
      case State::connecting:
        return finish_connecting();
      case State::sending:
        return send_request();
      case State::head:
      case State::body:
        return receive(buffer, out);
      default:
        return false;
    }
  }

 private:
  static constexpr std::size_t head_limit = 16 * 1024;  // bytes: our choice
  static bool only_later() { return errno == EAGAIN || errno == EINTR; }

  bool become(State state) {
    state_ = state;
    return true;
  }

  void connect(const Upstream& upstream) {
    // TODO(06.6): begin to connect, and do not wait for the end of it.
    //   connect() on a non-blocking socket says EINPROGRESS. The socket takes output when it is
    //   connected, or when it never will be.
    //   man: connect(2) "EINPROGRESS"   check: says_when_the_upstream_refuses
    async::todo("06.6");
  }

  bool finish_connecting() {
    // TODO(06.6): ask the socket how the connection went.
    //   man: socket(7) "SO_ERROR"   check: says_when_the_upstream_refuses
    async::todo("06.6");
  }

  bool send_request() {
    const std::string_view rest = std::string_view{request_}.substr(sent_);
    const ssize_t sent = ::send(fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) return only_later() ? false : become(State::failed);
    sent_ += static_cast<std::size_t>(sent);
    return sent_ < request_.size() || become(State::head);
  }

  bool receive(std::span<char> buffer, std::string& out) {
    // TODO(06.6): receive once, and pass it to take_head() or take_body().
    //   The end of the connection is the end of the reply only if the framing says so. A reply
    //   that breaks off must not look whole to our client.
    //   man: RFC 9112 8   check: an_answer_that_breaks_off_does_not_look_whole
    async::todo("06.6");
  }

  /// Collects the head, and answers our client once it is there.
  bool take_head(std::string_view bytes, std::string& out) {
    head_.append(bytes);
    while (state_ == State::head) {
      const auto end = head_.find("\r\n\r\n");
      if (end == head_.npos) return head_.size() <= head_limit || become(State::failed);
      const UpstreamHead head = parse_upstream_head({head_.data(), end + 4});
      head_.erase(0, end + 4);
      if (head.status == 0 || head.status == 101) return become(State::failed);
      if (head.status >= 200) answer(head, out);  // 1xx: the reply itself follows
    }
    return take_body(std::exchange(head_, {}), out);
  }

  /// Begins the reply to our client: a length stays one, all else goes in chunks, or until we
  /// close.
  void answer(const UpstreamHead& head, std::string& out) {
    const Framing framing = framing_of(head, method_);
    decoder_ = BodyDecoder{framing, framing == Framing::length ? head.length : 0};
    const bool unknown = framing == Framing::chunked || framing == Framing::until_close;
    chunks_ = unknown && !how_.old_client;
    how_.close |= unknown && how_.old_client;
    add_status(out, head.status, how_);
    out.append(head.fields);
    if (head.has_length && !head.chunked) {
      add_field(out, "Content-Length", std::to_string(head.length));
    }
    if (chunks_) add_field(out, "Transfer-Encoding", "chunked");
    out.append("\r\n");
    answered_ = true;
    state_ = State::body;
  }

  bool take_body(std::string_view bytes, std::string& out) {
    std::string body;
    decoder_.feed(bytes, body);
    if (chunks_ && !body.empty()) {
      char size[20];
      const auto end = std::to_chars(size, size + sizeof size, body.size(), 16).ptr;
      out.append(size, end).append("\r\n").append(body).append("\r\n");
    } else {
      out.append(body);
    }
    if (decoder_.failed()) return become(State::failed);
    return !decoder_.complete() || finish(out);
  }

  bool finish(std::string& out) {
    if (chunks_) out.append("0\r\n\r\n");
    return become(State::complete);
  }

  State state_ = State::connecting;
  async::FileDescriptor socket_;
  std::string method_;
  Persistence how_;
  std::string request_;
  std::size_t sent_ = 0;  // bytes of request_
  std::string head_;      // of the reply, as far as it has come
  BodyDecoder decoder_;
  bool answered_ = false;
  bool chunks_ = false;  // our client gets the body in chunks
};

}  // namespace http
