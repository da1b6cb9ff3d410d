// A request-reply server in one thread that waits for readiness, on the EventLoop of lab 05.
// Try it: `./async_server 2999`, then `../python/client.py localhost 2999 30`. With `--inline` it
// computes in the loop's own thread: see what `top` and the other clients make of it.

#include "async_server.hpp"

#include "main.hpp"

int main(int argc, char* argv[]) {
  const auto make = [](const async::CommandLine& line) {
    return std::make_unique<async::AsyncServer>(service_of(line), line.inline_computation);
  };
  return async::run_program(argc, argv, make, true);
}
