// Fuzzes lab 06's parser of request heads: whatever comes, and however it is split.
//
// The first two bytes choose the splits; the rest goes to one parser in one piece and to another in
// many. Both must see the same, and neither may keep more than its limits allow.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "promise.hpp"
#include "request_parser.hpp"

using http::Request;
using http::RequestParser;

/// Feeds all of it, in pieces that `seed` chooses, and only as long as the parser takes bytes.
static std::size_t feed_in_pieces(RequestParser& parser, std::string_view bytes, unsigned seed) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    seed = seed * 1103515245 + 12345;
    const std::size_t size = 1 + (seed >> 16) % 40;
    const std::string_view piece = bytes.substr(taken, size);
    const std::size_t more = parser.consume(piece);
    taken += more;
    if (more == piece.size()) continue;
    promise(parser.complete() || parser.failed(), "it stops in a piece only when it is done");
    break;
  }
  return taken;
}

static bool same(const Request& a, const Request& b) {
  return a.method == b.method && a.target == b.target && a.minor == b.minor &&
         a.fields == b.fields && a.hosts == b.hosts && a.content_length == b.content_length &&
         a.chunked == b.chunked && a.close == b.close && a.persist == b.persist &&
         a.expects_continue == b.expects_continue && a.partial == b.partial;
}

/// What holds for any request that the parser lets pass.
static void judge(const Request& request) {
  promise(!request.method.empty() && !request.target.empty(), "a request has method and target");
  promise(request.method.size() + request.target.size() < RequestParser::line_limit,
          "the request line is bounded");
  // Each field may have gained the space behind its colon and the CR of its end.
  promise(request.fields.size() <= RequestParser::fields_limit + 2 * RequestParser::field_limit,
          "the fields are bounded");
  promise(request.hosts == 1 || (request.hosts == 0 && request.minor == 0), "one Host");
  promise(!(request.chunked && request.content_length), "a body has one length");
  for (const unsigned char byte : request.target) {
    promise(byte > ' ' && byte < 0x7f, "a target is printable");
  }
  for (const unsigned char byte : request.fields) {
    promise(byte >= ' ' || byte == '\t' || byte == '\r' || byte == '\n', "no control byte");
  }
}

static void judge_failure(const RequestParser& parser) {
  switch (parser.status()) {
    case 400:
    case 413:
    case 414:
    case 431:
    case 501:
    case 505:
      return;
    default:
      promise(false, "a failure has one of its statuses");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  RequestParser whole;
  RequestParser split;
  for (;;) {  // request after request, as on one connection
    const std::size_t taken = whole.consume(bytes);
    const std::size_t also = feed_in_pieces(split, bytes, data[0] * 256u + data[1]);
    promise(taken == also, "every split takes as many bytes");
    promise(whole.state() == split.state(), "every split leads to the same state");
    promise(whole.status() == split.status(), "every split fails with the same status");
    promise(same(whole.request(), split.request()), "every split gives the same request");
    promise(taken <= RequestParser::line_limit + RequestParser::fields_limit + 2, "bounded");
    if (whole.failed()) judge_failure(whole);
    if (!whole.complete()) break;
    judge(whole.request());
    promise(whole.consume("GET / HTTP/1.1\r\n") == 0, "what is complete takes nothing");
    bytes.remove_prefix(taken);
    whole.restart();
    split.restart();
  }
  return 0;
}
