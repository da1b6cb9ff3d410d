// Lab 02: a pool of processes. N workers, made in advance, serve N clients at once; the rest wait.
//
// Try it: start `preforked_echo 12345 --workers 2` and three `nc 127.0.0.1 12345`. The third one is
// answered when one of the others has gone. `kill -9` a worker: `pstree -p` shows its successor.

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "echo.hpp"

using async::FileDescriptor;

/// Has this process killed when its parent dies, whatever the parent dies of.
void end_with_parent(pid_t parent) {
  // TODO(02.3): ask the kernel for a SIGKILL at the parent's death.
  //   Nobody asked it before this call: if getppid() is no longer `parent`, it has died already.
  //   man: prctl(2) "PR_SET_PDEATHSIG"   check: no_worker_survives_the_parent
  async::todo("02.3");
}

/// Serves one client after the other, for ever. All workers wait in accept() on one listener, and
/// the kernel gives each client to one of them.
[[noreturn]] void work(const FileDescriptor& listener) {
  while (true) echo(next_client(listener).get());
}

/// Starts a worker, as soon as the system allows one more process.
void start_worker(const FileDescriptor& listener) {
  // TODO(02.3): fork. The child calls end_with_parent() and work().
  //   fork() fails with EAGAIN while there are too many processes. The workers that live go on
  //   meanwhile: pause_briefly(), and try again.
  //   man: fork(2) "ERRORS"   check: serves_as_many_as_it_has_workers
  async::todo("02.3");
}

/// Waits until a worker has ended, and starts its successor.
void replace_a_worker(const FileDescriptor& listener) {
  // TODO(02.3): wait for the end of any child, then start a worker.
  //   wait() may be interrupted: EINTR. Start the next one only after pause_briefly(): one that
  //   cannot live must not keep the machine busy with forking.
  //   man: wait(2)   check: replaces_a_killed_worker
  async::todo("02.3");
}

/// Serves for ever: the parent only looks after the workers.
void serve(FileDescriptor listener, const async::Arguments& arguments) {
  for (unsigned number = 0; number < arguments.workers; ++number) start_worker(listener);
  while (true) replace_a_worker(listener);
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve, {.workers = true}); }
