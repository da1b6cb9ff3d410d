// A request-reply server in one thread that waits for completions, on the Ring of lab 08.
// Try it: `./uring_server 2999`, then `../python/client.py localhost 2999 30`.

#include "uring_server.hpp"

#include "main.hpp"

int main(int argc, char* argv[]) {
  return async::run_program(argc, argv, [](const async::CommandLine& line) {
    return std::make_unique<async::UringServer>(service_of(line));
  });
}
