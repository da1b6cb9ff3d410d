// Fuzzes what lab 06's gateway reads of the second server: the head of its reply, and the body.
//
// The first byte is the method and the splits. The framing must not depend on how the bytes are
// split, and a decoder must not hand on more than it was given.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "body_decoder.hpp"
#include "promise.hpp"
#include "upstream_head.hpp"

using http::BodyDecoder;
using http::Framing;

/// A field that concerns one connection only must not be among those that are passed on.
static void judge(const http::UpstreamHead& head) {
  if (head.status == 0) return;
  promise(head.status >= 100 && head.status <= 599, "a status has three digits");
  promise(http::for_each_field(head.fields,
                               [](std::string_view name, std::string_view) {
                                 promise(!http::hop_by_hop(name), "what is hop-by-hop stays here");
                               }),
          "what is passed on are fields");
}

static void judge_decoder(Framing framing, std::uint64_t length, std::string_view bytes,
                          unsigned step) {
  BodyDecoder whole{framing, length};
  BodyDecoder split{framing, length};
  std::string body;
  std::string parts;
  whole.feed(bytes, body);
  for (std::size_t i = 0; i < bytes.size(); i += step) split.feed(bytes.substr(i, step), parts);
  promise(body == parts, "every split gives the same body");
  promise(body.size() <= bytes.size(), "no byte is invented");
  promise(whole.complete() == split.complete(), "every split ends alike");
  promise(whole.failed() == split.failed(), "every split fails alike");
  promise(!(whole.complete() && whole.failed()), "what has failed is not complete");
  if (framing == Framing::length) promise(body.size() <= length, "a length is a length");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const unsigned step = 1 + data[0] % 64;
  const auto end = bytes.find("\r\n\r\n");
  if (end != bytes.npos) {
    const http::UpstreamHead head = http::parse_upstream_head(bytes.substr(0, end + 4));
    judge(head);
    if (head.status != 0) {
      const Framing framing = http::framing_of(head, data[0] & 128 ? "HEAD" : "GET");
      judge_decoder(framing, framing == Framing::length ? head.length : 0, bytes.substr(end + 4),
                    step);
    }
  }
  judge_decoder(Framing::chunked, 0, bytes, step);
  return 0;
}
