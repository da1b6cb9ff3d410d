// asynclab.Server as C++: a server's settings, its thread, and who may wait for its end.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "handler.hpp"
#include "python_fork.hpp"
#include "server_thread.hpp"

namespace bindings {

/// What a server is made of.
struct Settings {
  std::string model;
  Handler::Pointer handler;  // null: C++ computes Fibonacci numbers
  std::uint16_t port = 0;
  std::chrono::milliseconds wait{0};
  unsigned limit = 34;
  async::Options options;
};

/// See the docstrings in servers.cpp. All members are called with the GIL held.
class PythonServer {
 public:
  explicit PythonServer(Settings settings) : settings_{std::move(settings)} {}
  PythonServer(const PythonServer&) = delete;
  ~PythonServer() { end(); }

  void start() {
    if (thread_) throw std::runtime_error{"a server is started only once"};
    thread_ = std::make_shared<ServerThread>(settings_.port);
    started().push_back(thread_);
    const ServerThread::Pointer thread = thread_;
    async::Options options = settings_.options;
    if (settings_.handler) options.fork = PythonFork{};
    try {
      const py::gil_scoped_release released;
      thread->start(settings_.model, service(), options);
    } catch (...) {
      thread_ = nullptr;
      throw;
    }
  }

  void start_if_needed() {
    if (!thread_) start();
  }

  /// Waits for the end as Python does: a signal's handler runs, and may raise.
  void stop() {
    if (in_own_handler()) throw std::runtime_error{"a handler cannot stop its own server"};
    if (!thread_ || !thread_->ours()) return;
    const ServerThread::Pointer thread = thread_;
    thread->stop();
    while (!wait_for(*thread)) {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
    }
    thread->rethrow();
  }

  /// stop() for who cannot be told of failures: the destructor, the garbage collector. The last
  /// reference may be dropped by a handler; then nobody waits, until stop_all().
  void end() noexcept {
    if (!thread_ || !thread_->ours()) return;
    thread_->stop();
    while (!in_own_handler() && !wait_for(*thread_)) continue;
  }

  /// At the interpreter's exit: a thread that came back to Python later would find it gone.
  static void stop_all() {
    std::vector<ServerThread::Pointer> threads;
    for (const auto& known : started()) {
      if (const auto thread = known.lock(); thread && thread->ours()) threads.push_back(thread);
    }
    for (const auto& thread : threads) thread->stop();
    for (const auto& thread : threads) {
      while (!wait_for(*thread)) {
        if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
      }
    }
  }

  const Settings& settings() const { return settings_; }
  int port() const { return thread_ ? thread_->port() : settings_.port; }
  async::Statistics statistics() const {
    return thread_ ? thread_->statistics() : async::Statistics{};
  }
  std::string text() const {
    const std::string where = "127.0.0.1:" + std::to_string(port());
    const char* state = !thread_ ? "not started" : thread_->has_ended() ? "stopped" : "serving";
    return "<asynclab.Server '" + settings_.model + "' on " + where + ", " + state + ">";
  }

 private:
  /// Copied and dropped by any thread: it holds the handler by its shared_ptr.
  async::Service service() const {
    async::Service service;
    service.wait = settings_.wait;
    if (settings_.handler) {
      service.handle = [handler = settings_.handler](std::string_view request) {
        return (*handler)(request);
      };
    } else {
      service.handle = [limit = settings_.limit](std::string_view request) {
        return async::reply_to(request, limit);
      };
    }
    return service;
  }

  bool in_own_handler() const { return settings_.handler && settings_.handler->is_running_here(); }

  static bool wait_for(const ServerThread& thread) {
    const py::gil_scoped_release released;
    return thread.wait();
  }

  /// Who has been started and may still run; the GIL protects the list.
  static std::vector<std::weak_ptr<ServerThread>>& started() {
    static auto& all = *new std::vector<std::weak_ptr<ServerThread>>;
    std::erase_if(all, [](const auto& known) { return known.expired(); });
    return all;
  }

  Settings settings_;
  ServerThread::Pointer thread_;
};

}  // namespace bindings
