// A request-reply server that serves one client after the other.
// Try it: `./server 2999`, then `../python/client.py localhost 2999 30`.

#include "main.hpp"
#include "sync_server.hpp"

int main(int argc, char* argv[]) {
  return async::run_program(argc, argv, [](const async::CommandLine& line) {
    return std::make_unique<async::SyncServer>(service_of(line));
  });
}
