// What every server's main() does: read the command line, listen, serve, report.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
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
inline void announce(std::uint16_t port) {
  std::printf("listening on 127.0.0.1:%d\n", port);
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

/// Opens the listener that the command line asks for, and runs `body` with both.
///
/// returns   the exit status, as exit_status_of(); 2 for wrong usage.
template <std::invocable<FileDescriptor, const Arguments&> Body>
int run_with_listener(int argc, char* argv[], Takes takes, Body body) {
  const auto whole = [&] {
    const Arguments arguments = parse({argv, static_cast<std::size_t>(argc)}, takes);
    body(open_listener(arguments), arguments);
  };
  return exit_status_of(whole, 2);
}

/// Runs a server: `int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve);
/// }`
///
/// serve     void(FileDescriptor listener) or void(FileDescriptor listener, const Arguments&).
/// takes     the options beside PORT.
/// returns   as run_with_listener().
template <typename Serve>
int run_server(int argc, char* argv[], Serve serve, Takes takes = {}) {
  const auto body = [&](FileDescriptor listener, const Arguments& arguments) {
    announce(port_of(listener.get()));
    if constexpr (std::invocable<Serve, FileDescriptor, const Arguments&>) {
      serve(std::move(listener), arguments);
    } else {
      serve(std::move(listener));
    }
  };
  return run_with_listener(argc, argv, takes, body);
}

/// Runs a server that is a class: `return async::run_server<EchoServer>(argc, argv);`
///
/// It is made before it is announced: who has read that line finds it ready, for a signal as well.
///
/// Server    made of a FileDescriptor, the listener, or of that and const Arguments&; has run().
/// takes     the options beside PORT.
/// returns   as run_with_listener().
template <typename Server>
int run_server(int argc, char* argv[], Takes takes = {}) {
  const auto body = [](FileDescriptor listener, const Arguments& arguments) {
    const std::uint16_t port = port_of(listener.get());
    const auto make = [&] {
      if constexpr (std::constructible_from<Server, FileDescriptor, const Arguments&>) {
        return Server{std::move(listener), arguments};
      } else {
        return Server{std::move(listener)};
      }
    };
    Server server = make();  // in place: it need not be movable
    announce(port);
    server.run();
  };
  return run_with_listener(argc, argv, takes, body);
}

}  // namespace async
