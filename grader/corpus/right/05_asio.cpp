// right: 05 epoll_echo
// build: g++ -std=c++20 -DASIO_STANDALONE -O2 {source} -o {output} -pthread
// run: {output} {port}
// needs: libasio-dev
// unlike the reference: Asio's coroutines, edge-triggered reactor; sends before it reads again
//
// Out of descriptors it waits for a client to leave, or for a second.

#include <asio.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>

using asio::awaitable;
using asio::ip::tcp;
using namespace std::chrono_literals;

/// Await with the error in a variable instead of an exception.
auto wait(asio::error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

class Server {
 public:
  explicit Server(unsigned short port)
      : signals_(io_, SIGTERM, SIGINT),
        acceptor_(io_, {asio::ip::make_address("127.0.0.1"), port}) {
    asio::co_spawn(io_, accept(), asio::detached);
    asio::co_spawn(io_, stop(), asio::detached);
  }

  void run() { io_.run(); }

 private:
  awaitable<void> accept() {
    for (;;) {
      asio::error_code error;
      auto socket = co_await acceptor_.async_accept(wait(error));
      if (!acceptor_.is_open()) co_return;
      if (!error) {
        asio::co_spawn(io_, echo(std::move(socket)), asio::detached);
      } else {
        freed_.expires_after(1s);
        co_await freed_.async_wait(wait(error));
        if (!acceptor_.is_open()) co_return;
      }
    }
  }

  awaitable<void> echo(tcp::socket socket) {
    ++clients_;
    try {
      char data[12000];
      for (;;) {
        auto size = co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
        co_await asio::async_write(socket, asio::buffer(data, size), asio::use_awaitable);
      }
    } catch (const std::exception&) {
      // the end of the file, or a reset
    }
    socket.close();
    --clients_;
    freed_.cancel();
    if (clients_ == 0) last_left_.cancel();
  }

  awaitable<void> stop() {
    co_await signals_.async_wait(asio::use_awaitable);
    acceptor_.close();
    freed_.cancel();
    asio::error_code error;
    last_left_.expires_after(2s);
    if (clients_ > 0) co_await last_left_.async_wait(wait(error));
    io_.stop();
  }

  asio::io_context io_{1};
  asio::signal_set signals_;
  tcp::acceptor acceptor_;  // sets SO_REUSEADDR
  asio::steady_timer freed_{io_}, last_left_{io_};
  int clients_ = 0;
};

int main(int, char* argv[]) { Server(std::atoi(argv[1])).run(); }
