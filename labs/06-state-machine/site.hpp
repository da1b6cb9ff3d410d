// Lab 06: what all connections of a server share.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "async/file_descriptor.hpp"
#include "event_loop.hpp"
#include "open_files.hpp"
#include "upstream.hpp"

namespace http {

class Connection;

struct Site {
  EventLoop loop;
  async::FileDescriptor root;               // the directory that is served
  OpenFiles files{loop};                    // of it, open for a moment
  std::optional<Upstream> upstream;         // the second server, if there is one
  std::array<char, 16 * 1024> buffer;       // one for all: between events it is empty
  bool stopping = false;                    // SIGTERM came: every reply is the last one
  std::function<void(Connection&)> settle;  // to be run when a connection has done something
};

}  // namespace http
