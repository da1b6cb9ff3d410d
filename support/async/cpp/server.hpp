// What all models of a request-reply server have in common: a service, counters, a way to stop.
#pragma once

#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "counters.hpp"
#include "log.hpp"
#include "service.hpp"

namespace async {

using namespace std::chrono_literals;

struct Statistics {
  std::uint64_t connections = 0;  // accepted
  std::uint64_t requests = 0;     // answered: counted just before the reply is sent
  std::uint64_t failures = 0;     // of those, the handler threw
};

/// One listener, many clients, one model: who waits for whom is what the classes below differ in.
///
/// A connection: at most 256 bytes from one recv() are the request; then the reply, and the end.
/// A request that has come is finished and answered after stop(), as long as that takes no more
/// than `grace`; silent clients are dropped.
class Server {
 public:
  static constexpr std::chrono::seconds grace{2};
  static constexpr std::size_t request_size = 256;
  static constexpr std::chrono::milliseconds accept_pause{200};  // when accept() fails: our choice

  explicit Server(Service service) : service_{std::move(service)} {}
  Server(const Server&) = delete;

  /// Waits for computations that have outlived `grace`: a thread cannot be ended from outside.
  /// (So a caller that holds a lock which the handler needs, like Python's GIL, must let it go.)
  virtual ~Server() = default;

  /// Serves until stop(), in the calling thread. May be called once.
  ///
  /// listener  a listening socket in blocking mode; closed in the end
  virtual void serve(FileDescriptor listener) = 0;

  /// Ends serve(): from any thread or a signal handler, also before serve().
  /// The eventfd is never read, so it stays ready for everybody who polls it, children too.
  virtual void stop() { ::eventfd_write(stop_.get(), 1); }  // fails only after 2^64 - 2 stops

  /// From any thread, at any time.
  Statistics statistics() const {
    return {counters_->connections, counters_->requests, counters_->failures};
  }

 protected:
  const Service& service() const { return service_; }
  int stop_fd() const { return stop_.get(); }

  /// What accept(2) reports when a client waits who cannot be taken now.
  static bool out_of_resources(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  }

  void welcome(int client) {
    ++counters_->connections;
    if (!service_.quiet) log("Received connection from " + peer_of(client));
  }

  std::string answer(std::string_view request) {
    if (!service_.quiet) log("Message: " + printable(request));
    std::string reply = async::answer(service_, request, &counters_->failures);
    ++counters_->requests;
    return reply;
  }

 private:
  const Service service_;
  const Counters counters_;
  const FileDescriptor stop_{check("eventfd", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
};

}  // namespace async
