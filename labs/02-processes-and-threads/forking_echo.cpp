// Lab 02: a process for each client. Each waits for its own client only, and shares no memory.
//
// Try it: start `forking_echo`, then `nc 127.0.0.1 12345` in two other terminals. Both are served;
// `pstree -p` shows a child for each of them, and none when they have gone.

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "echo.hpp"

using async::FileDescriptor;

/// Has every child that ends forgotten at once: until then it is a zombie, and keeps its number.
void reap_children() {
  // TODO(02.1): install a handler for SIGCHLD that calls waitpid() until no ended child is left.
  //   Signals are not counted: one may stand for many children. waitpid(-1, ..., WNOHANG) never
  //   waits. It changes errno, which the interrupted code may be about to read. SA_RESTART lets
  //   the interrupted call go on.
  //   man: waitpid(2) "WNOHANG", sigaction(2)   check: leaves_no_zombies
  async::todo("02.1");
}

/// Serves a client in a process of its own, while the parent goes on.
void serve_in_child(FileDescriptor& listener, FileDescriptor client) {
  // TODO(02.1): fork. The child closes the listener, echoes, and ends with _exit().
  //   Both processes hold every descriptor that was open: a connection ends when the last copy is
  //   closed. The parent's copy of `client` closes itself when this function returns. fork() may
  //   fail with EAGAIN, too many processes: drop this client, and pause_briefly().
  //   man: fork(2), _exit(2)   check: serves_each_client_in_a_process
  async::todo("02.1");
}

/// Serves for ever.
void serve(FileDescriptor listener) {
  reap_children();
  while (true) serve_in_child(listener, next_client(listener));
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
