// Asio with completion handlers: a session a client that keeps itself alive through its handlers,
// async_read_some() and async_write() in turn. The executor's type is spelt out, which spares the
// virtual calls of any_io_executor. Compiled twice: for epoll, and for io_uring with
// ASIO_HAS_IO_URING and ASIO_DISABLE_EPOLL.

#include <array>
#include <asio.hpp>
#include <cstdlib>
#include <memory>

#if defined(ASIO_DISABLE_EPOLL) && ASIO_VERSION < 102100
#error "Asio has io_uring since 1.21; without it this would be a server of select()"
#endif

using asio::ip::tcp;
using Socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(Socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    socket_.async_read_some(asio::buffer(data_),
                            [self = shared_from_this()](asio::error_code error, std::size_t size) {
                              if (!error) self->write(size);
                            });
  }

 private:
  void write(std::size_t size) {
    asio::async_write(socket_, asio::buffer(data_, size),
                      [self = shared_from_this()](asio::error_code error, std::size_t) {
                        if (!error) self->read();
                      });
  }

  Socket socket_;
  std::array<char, 65536> data_;
};

void accept(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](asio::error_code error, Socket client) {
    if (!error) std::shared_ptr<Session>(new Session(std::move(client)))->read();
    accept(acceptor);
  });
}

int main(int argc, char* argv[]) {
  asio::io_context context(1);  // one thread runs it
  Acceptor acceptor(context);
  acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind({asio::ip::address_v4::loopback(),
                 static_cast<asio::ip::port_type>(argc > 1 ? std::atoi(argv[1]) : 12345)});
  acceptor.listen(4096);
  accept(acceptor);
  context.run();
}
