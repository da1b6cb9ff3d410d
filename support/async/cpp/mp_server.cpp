// A request-reply server with a process for every client.
// Try it: `./mp_server 2999`, then `../python/client.py localhost 2999 30`.

#include "main.hpp"
#include "process_server.hpp"

int main(int argc, char* argv[]) {
  return async::run_program(argc, argv, [](const async::CommandLine& line) {
    return std::make_unique<async::ProcessServer>(service_of(line));
  });
}
