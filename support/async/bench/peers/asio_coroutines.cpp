// Asio with C++20's coroutines, one a client. Errors come as values, and the executor's type is
// spelt out, which spares exceptions and the virtual calls of any_io_executor.

#include <array>
#include <asio.hpp>
#include <cstdlib>
#include <memory>

using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
template <typename T>
using awaitable = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> use_awaitable;

awaitable<void> echo(Socket socket) {
  auto data = std::unique_ptr<char[]>(new char[65536]);  // not zeroed: only what is used costs
  asio::error_code error;
  socket.set_option(tcp::no_delay(true), error);
  for (;;) {
    auto size = co_await socket.async_read_some(asio::buffer(data.get(), 65536),
                                                asio::redirect_error(use_awaitable, error));
    if (error) co_return;
    co_await asio::async_write(socket, asio::buffer(data.get(), size),
                               asio::redirect_error(use_awaitable, error));
    if (error) co_return;
  }
}

awaitable<void> accept(Acceptor acceptor) {
  for (;;) {
    asio::error_code error;
    auto client = co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
    if (!error) asio::co_spawn(acceptor.get_executor(), echo(std::move(client)), asio::detached);
  }
}

int main(int argc, char* argv[]) {
  asio::io_context context(1);  // one thread runs it
  Acceptor acceptor(context);
  acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind({asio::ip::address_v4::loopback(),
                 static_cast<asio::ip::port_type>(argc > 1 ? std::atoi(argv[1]) : 12345)});
  acceptor.listen(4096);
  asio::co_spawn(context, accept(std::move(acceptor)), asio::detached);
  context.run();
}
