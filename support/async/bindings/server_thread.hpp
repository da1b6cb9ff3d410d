// A server in a thread of its own, from listening to its end. Knows nothing of Python.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"
#include "models.hpp"

namespace bindings {

/// Lives as long as its thread does, and longer if somebody holds it.
class ServerThread : public std::enable_shared_from_this<ServerThread> {
 public:
  using Pointer = std::shared_ptr<ServerThread>;

  /// Listens: clients may connect from now on, and wait until start().
  ///
  /// throws    std::system_error, "bind: Address already in use" for example
  explicit ServerThread(std::uint16_t port)
      : listener_{async::listen_on(port)}, port_{async::port_of(listener_.get())} {}
  ServerThread(const ServerThread&) = delete;

  /// Starts to serve. The thread owns the service alone: its last reference to a handler of Python
  /// must have gone when it tells that it has ended. Throws what the making of the server has
  /// thrown; it is over then.
  void start(std::string model, async::Service service, async::Options options) {
    std::promise<void> made;
    std::future<void> is_made = made.get_future();
    auto make = [model, service = std::move(service), options = std::move(options)]() mutable {
      return async::make_server(model, std::move(service), std::move(options));
    };
    std::thread thread{
        [self = shared_from_this(), make = std::move(make), made = std::move(made)]() mutable {
          self->run(std::move(make), std::move(made));
        }};
    thread.detach();  // `ended_` tells all that join() would, and also to a child of fork(2)
    is_made.get();
  }

  /// Asks it to end, from any thread.
  void stop() {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    if (server_) server_->stop();
  }

  /// Waits until it has ended. Returns false when a signal came first.
  bool wait() const { return poll(-1); }
  bool has_ended() const { return poll(0); }

  /// Throws what has ended it before stop(); once.
  void rethrow() {
    const std::lock_guard lock{mutex_};
    if (const auto error = std::exchange(error_, nullptr)) std::rethrow_exception(error);
  }

  std::uint16_t port() const { return port_; }

  /// A child of fork(2) has a copy of this, but not of the thread: it is to leave all as it is.
  bool ours() const { return ::getpid() == process_; }

  async::Statistics statistics() const {
    const std::lock_guard lock{mutex_};
    return server_ ? server_->statistics() : last_;
  }

 private:
  using Made = std::promise<void>;

  /// The thread. All that the server holds is gone before `ended_` tells so.
  template <typename Make>
  void run(Make make, Made made) {
    if (begin(std::move(make), std::move(made))) serve();
    drop();
    ::eventfd_write(ended_.get(), 1);
  }

  template <typename Make>
  bool begin(Make make, Made made) {
    try {
      auto server = make();
      const std::lock_guard lock{mutex_};
      server_ = std::move(server);
      if (stopped_) server_->stop();
    } catch (...) {
      made.set_exception(std::current_exception());
      return false;
    }
    made.set_value();
    return true;
  }

  void serve() {
    try {
      server_->serve(std::move(listener_));
    } catch (...) {
      const std::lock_guard lock{mutex_};
      error_ = std::current_exception();
    }
  }

  /// The destructor of a server may wait for its handlers, so it runs without the lock.
  void drop() {
    std::unique_ptr<async::Server> ending;
    const std::lock_guard lock{mutex_};
    if (server_) last_ = server_->statistics();
    ending = std::move(server_);
  }

  bool poll(int milliseconds) const {
    pollfd watched{ended_.get(), POLLIN, 0};
    return ::poll(&watched, 1, milliseconds) > 0;
  }

  async::FileDescriptor listener_;
  const std::uint16_t port_;
  const pid_t process_ = ::getpid();
  const async::FileDescriptor ended_{async::check("eventfd", ::eventfd(0, EFD_CLOEXEC))};
  mutable std::mutex mutex_;
  std::unique_ptr<async::Server> server_;  // only the thread changes it
  async::Statistics last_;
  std::exception_ptr error_;
  bool stopped_ = false;
};

}  // namespace bindings
