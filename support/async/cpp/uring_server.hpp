// The asynchronous model on completions: one thread starts operations and waits for all of them at
// once, with the Ring of lab 08. It must never compute: a pool of threads does.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "operations.hpp"
#include "pool.hpp"
#include "ring_client.hpp"
#include "server.hpp"

namespace async {

class UringServer : public Server, private RingClient::Host {
 public:
  /// inline_computation  computes in the ring's thread: everybody waits meanwhile
  /// workers             threads in the pool; 0: one a CPU
  /// throws              std::system_error "io_uring_setup" where io_uring is switched off
  explicit UringServer(Service service, bool inline_computation = false, unsigned workers = 0)
      : Server{std::move(service)}, inline_{inline_computation}, workers_{workers} {
    Ring trial;  // before anybody listens. The real one belongs to the thread that serves.
  }

  void serve(FileDescriptor listener) override {
    listener_ = std::move(listener);
    ring_.emplace();
    accept();
    await_stop();
    if (!inline_) {
      pool_.emplace(workers_, [this](std::string_view request) { return answer(request); });
      await_replies();
    }
    while (!stopping_ || accepting_.then || !clients_.empty()) ring_->complete_batch();
    ring_.reset();
  }

 private:
  /// Keeps an accept in flight. The socket may be a blocking one: only the operation waits.
  void accept() {
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_accept(sqe, listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    };
    ring_->start(accepting_, prepare, [this](int result) {
      if (result >= 0) adopt(result);
      if (!stopping_) result >= 0 ? accept() : accept_later();  // -EMFILE, for example, may last
    });
  }
  void accept_later() {
    const auto prepare = [this](io_uring_sqe* sqe) { io_uring_prep_timeout(sqe, &pause_, 0, 0); };
    ring_->start(accepting_, prepare, [this](int) {
      if (!stopping_) accept();
    });
  }

  void adopt(int socket) {
    welcome(socket);
    RingClient::Host& host = *this;
    const auto id = ++last_id_;
    RingClient& client = clients_.try_emplace(id, host, id, socket).first->second;
    client.receive();
    if (stopping_) client.end_if_silent();
  }

  /// A client's request has come.
  void compute(RingClient& client) override {
    if (pool_) return pool_->submit(client.id(), client.request());
    client.reply(answer(client.request()));
  }

  /// Keeps a read of the pool's eventfd in flight.
  void await_replies() {
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_read(sqe, pool_->fd(), &finished_, sizeof finished_, 0);
    };
    ring_->start(replies_, prepare, [this](int) {
      for (Pool::Job& job : pool_->replies()) {
        const auto client = clients_.find(job.client);
        if (client != clients_.end()) client->second.reply(std::move(job.text));
      }
      await_replies();
    });
  }

  void forget(RingClient& client) override { clients_.erase(client.id()); }
  Operations& ring() override { return *ring_; }
  __kernel_timespec* wait() override { return service().wait.count() > 0 ? &wait_ : nullptr; }

  void await_stop() {
    const auto prepare = [this](io_uring_sqe* sqe) {
      io_uring_prep_poll_add(sqe, stop_fd(), POLLIN);
    };
    ring_->start(stop_, prepare, [this](int) { finish(); });
  }

  /// stop() came. What has arrived is served, the silent are dropped, the others get `grace`.
  void finish() {
    stopping_ = true;
    ring_->cancel(accepting_);
    listener_ = {};
    for (auto& [fd, client] : clients_) client.end_if_silent();
    const auto prepare = [this](io_uring_sqe* sqe) { io_uring_prep_timeout(sqe, &grace_, 0, 0); };
    ring_->start(stop_, prepare, [this](int) {
      for (auto& [fd, client] : clients_) client.end();
    });
  }

  const bool inline_;
  const unsigned workers_;
  FileDescriptor listener_;
  Operation accepting_, replies_, stop_;
  eventfd_t finished_ = 0;
  __kernel_timespec pause_ = duration(accept_pause), grace_ = duration(grace),
                    wait_ = duration(service().wait);
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, RingClient>
      clients_;  // outlives the ring: the kernel uses their bytes
  std::optional<Operations> ring_;
  bool stopping_ = false;
  std::optional<Pool> pool_;  // destroyed first: its threads call answer()
};

}  // namespace async
