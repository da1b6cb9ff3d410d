// The synchronous model: one client after the other. Who is silent holds up everybody behind him.
#pragma once

#include <utility>

#include "blocking.hpp"

namespace async {

class SyncServer : public BlockingServer {
 public:
  using BlockingServer::BlockingServer;

  void serve(FileDescriptor listener) override {
    make_nonblocking(listener.get());
    while (wait_for_client(listener)) {
      if (FileDescriptor client = next_client(listener)) converse(std::move(client));
    }
  }
};

}  // namespace async
