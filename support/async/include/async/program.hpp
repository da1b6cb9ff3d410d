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

/// Runs the body of a program's main().
///
/// usage     the exit status for wrong usage
/// returns   0 when `body` returns, 1 after an error, `usage` after a UsageError, and 70
///           (EX_SOFTWARE, sysexits(3head)) at a step still to be written; each told on stderr.
template <std::invocable Body>
int exit_status_of(Body&& body, int usage) {
  try {
    std::forward<Body>(body)();
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return usage;
  } catch (const Todo& missing) {
    std::fprintf(stderr, "%s\n", missing.what());
    return 70;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

/// Runs a server: `int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve);
/// }`
///
/// serve     void(FileDescriptor listener) or void(FileDescriptor listener, const Arguments&).
/// takes     the options beside PORT.
/// returns   the exit status, as exit_status_of(); 2 for wrong usage.
template <typename Serve>
int run_server(int argc, char* argv[], Serve serve, Takes takes = {}) {
  const auto body = [&] {
    const Arguments arguments = parse({argv, static_cast<std::size_t>(argc)}, takes);
    FileDescriptor listener = open_listener(arguments);
    announce(listener);
    if constexpr (std::invocable<Serve, FileDescriptor, const Arguments&>) {
      serve(std::move(listener), arguments);
    } else {
      serve(std::move(listener));
    }
  };
  return exit_status_of(body, 2);
}

}  // namespace async
