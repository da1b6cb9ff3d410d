// What every server's main() does: read the command line, listen, serve, report.
#pragma once

#include <concepts>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "async/arguments.hpp"
#include "async/socket.hpp"
#include "async/todo.hpp"

namespace async {

/// Listens where the user said; a failure names the port.
inline FileDescriptor open_listener(const Arguments& arguments) {
  try {
    return listen_on(arguments.port);
  } catch (const std::system_error& error) {
    throw std::runtime_error{std::string{error.what()} + " (port " +
                             std::to_string(arguments.port) + ")"};
  }
}

/// Says that clients may come.
inline void announce(const FileDescriptor& listener) {
  std::printf("listening on 127.0.0.1:%d\n", port_of(listener.get()));
  std::fflush(stdout);
}

/// Runs a server: `int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve);
/// }`
///
/// serve     void(FileDescriptor listener) or void(FileDescriptor listener, const Arguments&).
/// takes     the options beside PORT.
/// returns   the exit status: 0 when `serve` returns, 1 after an error, 2 for wrong usage, and 70
///           (EX_SOFTWARE, sysexits(3head)) at a step still to be written; each told on stderr.
template <typename Serve>
int run_server(int argc, char* argv[], Serve serve, Takes takes = {}) {
  try {
    const Arguments arguments = parse({argv, static_cast<std::size_t>(argc)}, takes);
    FileDescriptor listener = open_listener(arguments);
    announce(listener);
    if constexpr (std::invocable<Serve, FileDescriptor, const Arguments&>) {
      serve(std::move(listener), arguments);
    } else {
      serve(std::move(listener));
    }
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const Todo& missing) {
    std::fprintf(stderr, "%s\n", missing.what());
    return 70;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

}  // namespace async
