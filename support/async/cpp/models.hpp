// All models behind one name: for whoever chooses at run time, like the Python module.
#pragma once

#include <unistd.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "async_server.hpp"
#include "process_server.hpp"
#include "sync_server.hpp"
#include "thread_server.hpp"
#include "uring_server.hpp"

namespace async {

/// What only some models have a use for.
struct Options {
  bool inline_computation = false;       // async, io_uring: compute in the loop's own thread
  unsigned workers = 0;                  // async, io_uring: threads that compute; 0: one a CPU
  std::function<pid_t()> fork = ::fork;  // processes
};

/// Makes a server of a model.
///
/// model     sync, processes, threads, async or io_uring
/// throws    std::invalid_argument for any other; std::system_error where io_uring is switched off
inline std::unique_ptr<Server> make_server(std::string_view model, Service service,
                                           Options options = {}) {
  if (model == "sync") return std::make_unique<SyncServer>(std::move(service));
  if (model == "processes") {
    return std::make_unique<ProcessServer>(std::move(service), std::move(options.fork));
  }
  if (model == "threads") return std::make_unique<ThreadServer>(std::move(service));
  if (model == "async") {
    return std::make_unique<AsyncServer>(std::move(service), options.inline_computation,
                                         options.workers);
  }
  if (model == "io_uring") {
    return std::make_unique<UringServer>(std::move(service), options.inline_computation,
                                         options.workers);
  }
  throw std::invalid_argument{"no model \"" + std::string{model} +
                              "\": sync, processes, threads, async, io_uring"};
}

}  // namespace async
