// What the class RequestParser of lab 06 promises, seen from inside: one fact a test.
#include "request_parser.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "../ended.hpp"

namespace {

using http::Request;

/// Ends a test that hangs; SIGALRM tells the harness why.
struct RequestParser : testing::Test {
  RequestParser() { ::alarm(20); }
  ~RequestParser() override { ::alarm(0); }
  http::RequestParser parser;

  /// Parses `text` in one piece; returns 0, the status of the error, or -1: not complete.
  int status_of(std::string_view text) {
    parser.restart();
    parser.consume(text);
    return parser.failed() ? parser.status() : parser.complete() ? 0 : -1;
  }
};

std::string shown(std::string_view text) {
  return testing::PrintToString(std::string{text.substr(0, 60)});
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\n" + std::string{fields} + "\r\n";
}

/// All that a parser says at the end of a head.
auto result(const http::RequestParser& parser, std::size_t taken) {
  const Request& r = parser.request();
  return std::tuple{parser.complete(),
                    parser.failed(),
                    parser.failed() ? parser.status() : 0,
                    taken,
                    r.method,
                    r.target,
                    r.minor,
                    r.fields,
                    r.content_length,
                    r.chunked,
                    r.keep_alive(),
                    r.expects_continue};
}

/// Gives `text` in pieces, as long as it is taken.
auto parsed(http::RequestParser& parser, const std::vector<std::string_view>& pieces) {
  parser.restart();
  std::size_t taken = 0;
  for (const std::string_view piece : pieces) {
    const std::size_t now = parser.consume(piece);
    taken += now;
    if (now < piece.size()) break;
  }
  return result(parser, taken);
}

const std::vector<std::string> samples{
    "GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    "\r\n\r\nGET /a%20b?c=d HTTP/1.1\r\nHost: here:80\r\nConnection: Keep-Alive, close\r\n\r\nGET",
    "PUT /upload/x HTTP/1.1\r\nhOST:h\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n\r\nbody",
    "HEAD http://here/x HTTP/1.0\nConnection: keep-alive\nAccept:\t a b \t\n\nrest",
    "PUT /upload/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : here\r\n\r\n",
    "GET / HTTP/1.1\rHost: here\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: here\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: \xc3\xa4\r\nY:\r\n\r\n",
};

// 06.1, 5 points: However a head is cut into pieces, byte by byte as well, the result is the same.
TEST_F(RequestParser, the_same_result_for_every_split) {
  for (const std::string& text : samples) {
    const std::string_view all{text};
    const auto whole = parsed(parser, {all});
    ASSERT_TRUE(parser.complete() || parser.failed())
        << "means  a head that is all there is neither complete nor refused: " << shown(all);
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
      ASSERT_EQ(parsed(parser, {all.substr(0, cut), all.substr(cut)}), whole)
          << "means  cut behind byte " << cut
          << " it is another request than in one piece: " << shown(all);
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < all.size(); ++i) bytes.push_back(all.substr(i, 1));
    ASSERT_EQ(parsed(parser, bytes), whole)
        << "means  byte by byte it is another request than in one piece: " << shown(all);
  }
}

// 06.1, 3 points: A request is what it says: method, target, version, fields, who closes.
TEST_F(RequestParser, understands_a_request) {
  parser.consume(
      "PUT /a%20b?c HTTP/1.1\r\nhost: x\r\nCONTENT-LENGTH:  7 \r\n"
      "Expect: 100-continue\r\n\r\n");
  ASSERT_TRUE(parser.complete()) << "means  a head that is all there is not complete";
  const Request& request = parser.request();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.target, "/a%20b?c") << "means  the target is to be kept as it was sent";
  EXPECT_EQ(request.minor, 1);
  EXPECT_EQ(request.content_length, 7u) << "means  names ignore case, spaces around do not count";
  EXPECT_TRUE(request.expects_continue);
  EXPECT_TRUE(request.keep_alive()) << "means  HTTP/1.1 goes on unless somebody says close";
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0) << "means  HTTP/1.0 needs no Host";
  EXPECT_FALSE(parser.request().keep_alive()) << "means  HTTP/1.0 ends unless it says keep-alive";
  EXPECT_FALSE(parser.request().expects_continue) << "means  restart() left something behind";
  EXPECT_EQ(status_of(get("Host: h\r\nConnection: x , Close\r\n")), 0);
  EXPECT_FALSE(parser.request().keep_alive()) << "means  `close` is one word of a list";
}

// 06.1, 3 points: Nothing behind a head is taken: it is the body, or the next request.
TEST_F(RequestParser, takes_nothing_behind_the_head) {
  const std::string first = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string second = "GET /2 HTTP/1.0\n\n";
  const std::string all = first + second + "rest";
  EXPECT_EQ(parser.consume(all), first.size()) << "means  a part of the next request was taken";
  EXPECT_EQ(parser.request().target, "/1");
  EXPECT_EQ(parser.consume(second), 0u) << "means  a complete head has taken more";
  parser.restart();
  EXPECT_EQ(parser.consume(std::string_view{all}.substr(first.size())), second.size());
  EXPECT_EQ(parser.request().target, "/2") << "means  restart() does not begin anew";
  EXPECT_EQ(parser.request().hosts, 0) << "means  restart() left something behind";
}

// 06.1, 3 points: What is no request is refused, with the status that says why.
TEST_F(RequestParser, refuses_what_is_no_request) {
  const std::vector<std::pair<std::string, int>> wrong{
      {"GET /\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400},
      {get("Host: h\r\n: empty\r\n"), 400},
      {get("Host: h\r\n folded\r\n"), 400},
      {get("Host: h\r\nno colon\r\n"), 400},
      {get("Host: h\r\nX: a\rb\r\n"), 400},
      {get("Host: h\r\nX: a\rY: b\r\n"), 400},
      {get(std::string_view{"Host: h\r\nX: a\0b\r\n", 18}), 400},
  };
  for (const auto& [text, status] : wrong) {
    EXPECT_EQ(status_of(text), status) << "means  this is no request: " << shown(text);
  }
}

// 06.1, 3 points: The length of a body is digits, once, and small enough to be counted.
TEST_F(RequestParser, the_length_of_a_body_is_unambiguous) {
  for (const char* value : {"", "-1", "+1", "0x10", "1 2", "1a", "1.0"}) {
    EXPECT_EQ(status_of(get("Host: h\r\nContent-Length: " + std::string{value} + "\r\n")), 400)
        << "means  this is no length: " << value;
  }
  EXPECT_EQ(status_of(get("Host: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n")), 400)
      << "means  two lengths that differ: two servers could see two different requests";
  EXPECT_EQ(status_of(get("Host: h\r\nContent-Length: 99999999999999999999999\r\n")), 413)
      << "means  a length that overflows was taken for a small one";
  EXPECT_EQ(status_of(get("Host: h\r\nContent-Length: 0010\r\n")), 0);
  EXPECT_EQ(parser.request().content_length, 10u) << "means  the number is decimal";
}

// 06.1, 3 points: What another server could understand in another way is refused.
TEST_F(RequestParser, refuses_what_could_be_smuggled) {
  const std::vector<std::pair<std::string, int>> wrong{
      {get(""), 400},
      {get("Host: a\r\nHost: b\r\n"), 400},
      {get("Host: a b\r\n"), 400},
      {get("Host : h\r\n"), 400},
      {get("Host: h\r\nContent-Length : 5\r\n"), 400},
      {get("Host: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {get("Host: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {get("Host: h\r\nTransfer-Encoding: gzip\r\n"), 501},
      {get("Host: h\r\nTransfer-Encoding: xchunked\r\n"), 501},
  };
  for (const auto& [text, status] : wrong) {
    EXPECT_EQ(status_of(text), status) << "means  two servers could differ over " << shown(text);
  }
}

// 06.1, 3 points: A head has an end, or is refused: 8 KiB of line, 16 KiB and 100 fields.
TEST_F(RequestParser, heads_are_bounded) {
  const std::string line = "GET /" + std::string(7000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(status_of(line), 0) << "means  a request line of 7,000 bytes is long, but allowed";
  EXPECT_EQ(status_of("GET /" + std::string(9000, 'x')), 414);
  EXPECT_EQ(status_of(get("Host: h\r\nX: " + std::string(15000, 'x') + "\r\n")), 0);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(17000, 'x')), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n" + std::string(17000, 'x')), 431);
  std::string many;
  for (int i = 0; i < 98; ++i) many += "A:b\r\n";
  EXPECT_EQ(status_of(get("Host: h\r\n" + many)), 0);
  EXPECT_EQ(status_of(get("Host: h\r\n" + many + many)), 431);
  parser.restart();
  std::size_t taken = 0;
  while (!parser.failed() && taken < 1'000'000) taken += parser.consume("\r\n");
  EXPECT_TRUE(parser.failed()) << "means  a client may send empty lines for ever";
}

/// One random change: a byte replaced, removed, inserted, or a piece said twice.
void mutate(std::string& text, std::mt19937& random) {
  static constexpr std::string_view likely{"\r\n :\t\0/.,;0aA\x80", 15};
  const std::size_t at = random() % (text.size() + 1);
  const char byte = likely[random() % likely.size()];
  switch (random() % 4) {
    case 0:
      text.replace(at, 1, 1, byte);
      break;
    case 1:
      text.erase(at, 1 + random() % 4);
      break;
    case 2:
      text.insert(at, 1, byte);
      break;
    default:
      text.insert(at, text.substr(random() % (text.size() + 1), random() % 40));
  }
}

// 06.1, 2 points: 20,000 damaged heads: no crash, and the same result in one piece and in several.
TEST_F(RequestParser, random_bytes_do_no_harm) {
  std::mt19937 random{1};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = samples[random() % samples.size()];
    for (auto changes = random() % 6; changes > 0; --changes) mutate(text, random);
    const std::string_view all{text};
    const auto whole = parsed(parser, {all});
    const std::size_t one = random() % (all.size() + 1);
    const std::size_t two = one + random() % (all.size() - one + 1);
    ASSERT_EQ(parsed(parser, {all.substr(0, one), all.substr(one, two - one), all.substr(two)}),
              whole)
        << "means  in three pieces it is another request than in one: " << shown(all);
    ASSERT_FALSE(parser.complete() && parser.request().minor >= 1 && parser.request().hosts != 1)
        << "means  a request without exactly one Host was taken: " << shown(all);
  }
}

}  // namespace
