// load: drives an echo server with many connections from one thread, and measures what it sees.
//
// Each byte of each echo is verified. The result is a line of JSON: README.md explains it.
#include <cstdio>

#include "async/program.hpp"
#include "merge.hpp"
#include "run.hpp"

int main(int argc, char* argv[]) {
  bool fine = true;
  const auto body = [&] {
    const load::Options options = load::parse({argv, static_cast<std::size_t>(argc)});
    if (options.help) {
      std::printf("%s", load::usage);
    } else if (!options.merge.empty()) {
      load::merge(options.merge).print();
    } else {
      fine = load::Run{options}();
    }
  };
  const int status = async::exit_status_of(body, 2);
  return status == 0 && !fine ? 1 : status;
}
