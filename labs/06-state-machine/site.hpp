// Lab 06: what all connections of a server share.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/file_descriptor.hpp"
#include "event_loop.hpp"
#include "files.hpp"
#include "open_files.hpp"
#include "upstream.hpp"

namespace http {

class Connection;

struct Site {
  EventLoop loop;
  async::FileDescriptor root;               // the directory that is served
  std::optional<Upstream> upstream;         // the second server, if there is one
  std::array<char, 16 * 1024> buffer;       // one for all: between events it is empty
  bool stopping = false;                    // SIGTERM came: every reply is the last one
  std::function<void(Connection&)> settle;  // to be run when a connection has done something
  OpenFiles<Opened> files{loop, std::chrono::seconds{1}};  // that were asked for lately

  /// As open_file(), but for a file that is open already.
  std::shared_ptr<const Opened> open(const std::string& path) {
    if (auto known = files.find(path)) return known;
    const auto opened = std::make_shared<const Opened>(open_file(root.get(), path));
    if (opened->status == 200) files.keep(path, opened);
    return opened;
  }
};

}  // namespace http
