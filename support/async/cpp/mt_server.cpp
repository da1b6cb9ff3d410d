// A request-reply server with a thread for every client.
// Try it: `./mt_server 2999`, then `../python/client.py localhost 2999 30`.

#include "main.hpp"
#include "thread_server.hpp"

int main(int argc, char* argv[]) {
  return async::run_program(argc, argv, [](const async::CommandLine& line) {
    return std::make_unique<async::ThreadServer>(service_of(line));
  });
}
