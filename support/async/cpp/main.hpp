// What the main() of every request-reply server does: read the command line, listen, serve, end
// politely on a signal.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "async/arguments.hpp"
#include "async/program.hpp"
#include "server.hpp"

namespace async {

/// What stands on the command line.
struct CommandLine {
  std::uint16_t port = 0;
  unsigned wait = 0;                // --wait, milliseconds
  unsigned limit = 34;              // --limit
  bool quiet = false;               // --quiet
  bool inline_computation = false;  // --inline, where the program takes it
};

/// `-5` is a port, though not a good one.
inline bool unknown_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

/// Reads the command line.
///
/// throws    UsageError, whose text is for the user
inline CommandLine read_command_line(std::span<char*> words, bool takes_inline) {
  const UsageError usage{"Usage: " + std::string{program_invocation_short_name} +
                         " port [--wait MS] [--limit N] [--quiet]" +
                         (takes_inline ? " [--inline]" : "")};
  CommandLine line;
  std::optional<std::string_view> port;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const auto value = [&](unsigned most) {
      const auto read = ++i < words.size() ? number(words[i], 0, most) : std::nullopt;
      return read ? *read : throw usage;
    };
    if (word == "--wait") {
      line.wait = value(86'400'000);  // a day: our bound
    } else if (word == "--limit") {
      line.limit = value(92);
    } else if (word == "--quiet") {
      line.quiet = true;
    } else if (word == "--inline" && takes_inline) {
      line.inline_computation = true;
    } else if (unknown_option(word) || std::exchange(port, word)) {
      throw usage;
    }
  }
  if (!port) throw usage;
  const auto number_of_port = number(*port, 0, 65'535);
  if (!number_of_port) throw UsageError{"Invalid port " + std::string{*port}};
  line.port = static_cast<std::uint16_t>(*number_of_port);
  return line;
}

inline Service service_of(const CommandLine& line) {
  Service service;
  service.handle = [limit = line.limit](std::string_view request) {
    return reply_to(request, limit);
  };
  service.wait = std::chrono::milliseconds{line.wait};
  service.quiet = line.quiet;
  return service;
}

/// SIGTERM and SIGINT stop a server. What still computes in its own thread after `grace` cannot be
/// stopped: a timer ends the program.
class StopOnSignal {
 public:
  explicit StopOnSignal(Server& server) {
    server_ = &server;
    process_ = ::getpid();
    check("timer_create", ::timer_create(CLOCK_MONOTONIC, nullptr, &timer_));  // sends SIGALRM
    handle(SIGALRM, [](int) { ::_exit(0); });
    handle(SIGTERM, stop);
    handle(SIGINT, stop);
    handle(SIGPIPE, SIG_IGN);  // the log's reader may go
  }
  ~StopOnSignal() { handle(SIGTERM, SIG_IGN), handle(SIGINT, SIG_IGN); }

 private:
  static void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    check("sigaction", ::sigaction(signal, &action, nullptr));
  }
  static void stop(int) {                // only what signal-safety(7) allows
    if (::getpid() != process_) return;  // Ctrl-C reaches children too; their parent tells them
    const int error = errno;
    server_->stop();
    const itimerspec end{.it_interval = {}, .it_value = {Server::grace.count(), 200'000'000}};
    ::timer_settime(timer_, 0, &end, nullptr);
    errno = error;
  }

  static inline Server* server_ = nullptr;
  static inline pid_t process_ = 0;
  static inline timer_t timer_ = nullptr;
};

/// Runs a server: `return async::run_program(argc, argv, make);`
///
/// make      from a CommandLine to a std::unique_ptr<Server>
/// returns   the exit status, as exit_status_of(): 0 after stop(), 1 also for wrong usage.
template <typename Make>
int run_program(int argc, char* argv[], Make make, bool takes_inline = false) {
  const auto body = [&] {
    const CommandLine line =
        read_command_line({argv, static_cast<std::size_t>(argc)}, takes_inline);
    const std::unique_ptr<Server> server = make(line);
    Arguments where;
    where.port = line.port;
    FileDescriptor listener = open_listener(where);
    const StopOnSignal signals{*server};
    log("Starting server on port " + std::to_string(port_of(listener.get())));
    server->serve(std::move(listener));
  };
  return exit_status_of(body, 1);
}

}  // namespace async
