// The asynchronous model on readiness: one thread waits for everybody, with the EventLoop of lab
// 05. It must never compute: a pool of threads does.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "async/socket.hpp"
#include "async/timer.hpp"
#include "event_loop.hpp"
#include "loop_client.hpp"
#include "pool.hpp"
#include "server.hpp"
#include "waiting_room.hpp"

namespace async {

class AsyncServer : public Server {
 public:
  /// inline_computation  computes in the loop's thread: everybody waits meanwhile
  /// workers             threads in the pool; 0: one a CPU
  explicit AsyncServer(Service service, bool inline_computation = false, unsigned workers = 0)
      : Server{std::move(service)}, inline_{inline_computation}, workers_{workers} {}

  void serve(FileDescriptor listener) override {
    listener_ = std::move(listener);
    make_nonblocking(listener_.get());
    on_input(listener_.get(), [this] { accept_clients(); });
    on_input(waiting_room_.fd(), [this] { leave_waiting_room(); });
    on_input(timer_.fd(), [this] { on_timer(); });
    on_input(stop_fd(), [this] { finish(); });
    if (!inline_) {
      pool_.emplace(workers_, [this](std::string_view request) { return answer(request); });
      on_input(pool_->fd(), [this] { take_replies(); });
    }
    loop_.run();
    clients_.clear();
  }

 private:
  using Wants = LoopClient::Wants;

  template <typename Callback>
  void on_input(int fd, Callback callback) {
    loop_.add(fd, EPOLLIN, [callback](std::uint32_t) { callback(); });
  }

  void accept_clients() {
    for (int left = 16; left > 0; --left) {  // our choice: the others want their turn, too
      FileDescriptor socket = accept_client(listener_.get(), SOCK_NONBLOCK);
      const int fd = socket.get();
      if (!socket) return out_of_resources(errno) ? pause() : void();
      welcome(fd);
      watch(clients_.try_emplace(fd, std::move(socket)).first->second, EPOLLIN);
    }
  }

  /// Has the loop call a client when it is ready; an interest of 0 ends that.
  void watch(LoopClient& client, std::uint32_t interest) {
    const auto before = std::exchange(client.interest, interest);
    if (interest == before) return;
    if (interest == 0) return loop_.remove(client.fd());
    if (before != 0) return loop_.modify(client.fd(), interest);
    const auto go_on = [this, &client](std::uint32_t) { follow(client, client.advance()); };
    loop_.add(client.fd(), interest, go_on);
  }

  /// Sees to it that a client gets what it wants next. Who wants its reply is not watched: the loop
  /// would report a reset again and again (epoll_ctl(2), EPOLLERR). send() will notice it.
  void follow(LoopClient& client, Wants wants) {
    if (wants == Wants::end) return close(client);
    if (wants == Wants::input) return watch(client, EPOLLIN);
    if (wants == Wants::output) return watch(client, EPOLLOUT);
    watch(client, 0);
    service().wait.count() > 0 ? waiting_room_.enter(client.fd()) : compute(client);
  }

  void leave_waiting_room() {
    while (const auto client = waiting_room_.leave()) compute(clients_.at(*client));
  }

  void compute(LoopClient& client) {
    if (pool_) return pool_->submit(static_cast<unsigned>(client.fd()), client.request());
    follow(client, client.reply(answer(client.request())));
  }

  void take_replies() {
    eventfd_t count;
    check("eventfd_read", ::eventfd_read(pool_->fd(), &count));
    for (Pool::Job& job : pool_->replies()) {
      LoopClient& client = clients_.at(static_cast<int>(job.client));
      follow(client, client.reply(std::move(job.text)));
    }
  }

  void close(LoopClient& client) {
    watch(client, 0);
    clients_.erase(client.fd());
    if (paused_) resume();
    if (stopping_ && clients_.empty()) loop_.stop();
  }

  /// Out of descriptors: who waits at the door is left there until a client goes, or for a while.
  void pause() {
    paused_ = true;
    loop_.modify(listener_.get(), 0);
    timer_.start(accept_pause);
  }
  void resume() {
    paused_ = false;
    loop_.modify(listener_.get(), EPOLLIN);
  }

  /// stop() came. What has arrived is served, the silent are dropped, the others may finish.
  void finish() {
    stopping_ = true;
    paused_ = false;
    loop_.remove(stop_fd());  // it stays readable
    loop_.remove(listener_.get());
    listener_ = {};
    timer_.start(grace);
    for (auto next = clients_.begin(); next != clients_.end();) {
      LoopClient& client = (next++)->second;  // one ahead: close() erases
      if (!client.silent()) continue;
      const Wants wants = client.advance();
      wants == Wants::input ? close(client) : follow(client, wants);
    }
    if (clients_.empty()) loop_.stop();
  }

  void on_timer() {
    timer_.acknowledge();
    if (stopping_) loop_.stop();
    if (paused_) resume();
  }

  const bool inline_;
  const unsigned workers_;
  EventLoop loop_;
  WaitingRoom waiting_room_{service().wait};
  Timer timer_;  // one for both: of pause(), or of finish()
  FileDescriptor listener_;
  std::unordered_map<int, LoopClient> clients_;
  bool paused_ = false;
  bool stopping_ = false;
  std::optional<Pool> pool_;  // destroyed first: its threads call answer()
};

}  // namespace async
