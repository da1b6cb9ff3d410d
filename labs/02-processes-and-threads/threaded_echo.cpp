// Lab 02: a thread for each client. All share the memory and the descriptors of one process.
//
// Try it: start `threaded_echo`, then `nc 127.0.0.1 12345` in two other terminals. Both are served;
// `ls /proc/PID/task` shows a thread for each of them beside the one that accepts.

#include <cstdio>
#include <system_error>
#include <thread>
#include <utility>

#include "async/file_descriptor.hpp"
#include "async/program.hpp"
#include "echo.hpp"

using async::FileDescriptor;

/// Serves a client in a thread of its own, while the caller goes on.
void serve_in_thread(FileDescriptor client) {
  // TODO(02.2): start a thread that echoes, and detach it.
  //   Descriptors are shared, not copied: one thread has to own this one, and close it once. A
  //   second close() would hit whoever got the number next. So move `client` into the thread. The
  //   constructor throws std::system_error where no thread can be made (EAGAIN): that client is
  //   dropped, the others go on; pause_briefly().
  //   man: pthread_create(3) "ERRORS", pthread_detach(3)   check: serves_each_client_in_a_thread
  async::todo("02.2");
}

/// Serves for ever.
void serve(FileDescriptor listener) {
  while (true) serve_in_thread(next_client(listener));
}

int main(int argc, char* argv[]) { return async::run_server(argc, argv, serve); }
