// Lab 06: how long is a body? By a length, by chunks, or until the connection closes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "async/todo.hpp"
#include "target.hpp"

namespace http {

/// How the end of a body is found, RFC 9112 6.3.
enum class Framing { none, length, chunked, until_close };

/// Takes the bytes of a body as they come, and hands on what is inside the framing.
class BodyDecoder {
 public:
  BodyDecoder() = default;
  BodyDecoder(Framing framing, std::uint64_t length) : framing_{framing}, left_{length} {}

  Framing framing() const { return framing_; }
  bool failed() const { return chunk_ == Chunk::failed; }

  /// Has all of it come? One until the connection closes is never known to be complete.
  bool complete() const {
    if (framing_ == Framing::chunked) return chunk_ == Chunk::complete;
    return framing_ != Framing::until_close && left_ == 0;
  }

  /// Appends to `body` what the bytes hold of it. Bytes behind the end are ignored.
  void feed(std::string_view bytes, std::string& body) {
    if (framing_ == Framing::until_close) {
      body.append(bytes);
    } else if (framing_ == Framing::length) {
      take(bytes, body);
    } else if (framing_ == Framing::chunked) {
      while (!bytes.empty() && !complete() && !failed()) feed_chunked(bytes, body);
    }
  }

 private:
  enum class Chunk {
    size,       // in the hexadecimal size of a chunk
    extension,  // behind it, up to the end of the line
    data,       // left_ bytes of the body
    data_end,   // the empty rest of the line behind them
    trailer,    // at the beginning of a line behind the last chunk
    in_trailer,
    complete,
    failed,
  };

  /// Moves as many as `left_` bytes from `bytes` to `body`.
  void take(std::string_view& bytes, std::string& body) {
    const auto size = std::min<std::uint64_t>(left_, bytes.size());
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    left_ -= size;
  }

  void feed_chunked(std::string_view& bytes, std::string& body) {
    // TODO(06.6): data is taken in one piece, everything else byte by byte.
    //   A chunk is its size in hexadecimal, CR LF, its data, CR LF; one of size 0 is the last, then
    //   come trailer fields up to an empty line. after() knows what each byte of all that leads to.
    //   man: RFC 9112 7.1   check: relays_chunks_and_lengths
    async::todo("06.6");
  }

  /// The state behind a byte that is no data.
  Chunk after(char byte) {
    const bool line_over = byte == '\n';
    if (std::exchange(behind_cr_, byte == '\r') && !line_over) return Chunk::failed;
    if (byte == '\r') return chunk_;  // the LF behind it counts
    switch (chunk_) {
      case Chunk::size:
        if (const int digit = hexadecimal(byte); digit >= 0) {
          left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
          return ++digits_ > 15 ? Chunk::failed : Chunk::size;
        }
        if (digits_ == 0) return Chunk::failed;
        if (line_over) return begin_data();
        return byte == ';' || byte == ' ' || byte == '\t' ? Chunk::extension : Chunk::failed;
      case Chunk::extension:
        return line_over ? begin_data() : Chunk::extension;
      case Chunk::data_end:
        return line_over ? Chunk::size : Chunk::failed;
      case Chunk::trailer:
        return line_over ? Chunk::complete : Chunk::in_trailer;
      case Chunk::in_trailer:
        return line_over ? Chunk::trailer : Chunk::in_trailer;
      default:
        return chunk_;
    }
  }

  Chunk begin_data() {
    digits_ = 0;
    return left_ == 0 ? Chunk::trailer : Chunk::data;
  }

  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;  // bytes of the body, or of this chunk, still to come
  Chunk chunk_ = Chunk::size;
  int digits_ = 0;
  bool behind_cr_ = false;  // the last byte was a CR: nothing but an LF may follow
};

}  // namespace http
