// Lab 07: what Linux aio does asynchronously: reads with O_DIRECT, and little else.
//
// Try it: `aio_demo` makes a file in the current directory, reads it, and removes it again;
// `aio_demo FILE` reads that file. A line for each experiment, `name field=value ...`; times are
// microseconds. `submit_us` is how long io_submit() took, which should be next to nothing.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "aio.hpp"
#include "async/file_descriptor.hpp"
#include "scratch.hpp"
#include "sleeper.hpp"

using async::FileDescriptor;
using Clock = std::chrono::steady_clock;

constexpr std::size_t largest = 32 << 20;  // bytes read in one operation: our choice
constexpr std::size_t block = 4096;        // O_DIRECT wants memory and sizes to be aligned, open(2)

/// What one read did.
struct Outcome {
  Clock::duration submit{};  // how long io_submit() took
  Clock::duration total{};   // until the event was there
  bool complete_on_return = false;
  long long result = 0;  // bytes, or -errno
};

long long microseconds(Clock::duration time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

/// Submits `operation` and waits for its event, with a clock in the hand.
Outcome measure(Aio& aio, iocb operation) {
  // STEP 07.5: time io_submit() alone, then look for the event without waiting, then wait for it.
  //   If submit() fails there is no event: its -errno is the result, and the rest stays as it is.
  //   man: io_submit(2), io_getevents(2)   check: tells_how_long_io_submit_took
  Outcome outcome;
  io_event event{};
  const auto begin = Clock::now();
  const int submitted = aio.submit(operation);
  outcome.submit = Clock::now() - begin;
  if (submitted < 0) return {.submit = outcome.submit, .result = submitted};
  outcome.complete_on_return = aio.collect(event, 0);
  if (!outcome.complete_on_return) aio.collect(event, 1);
  outcome.total = Clock::now() - begin;
  outcome.result = event.res;
  return outcome;
}

/// `bytes=5` or `error=EINVAL`.
std::string told(long long result) {
  if (result >= 0) return "bytes=" + std::to_string(result);
  return std::string{"error="} + ::strerrorname_np(static_cast<int>(-result));
}

void print(const char* name, const Outcome& outcome) {
  std::printf("%s %s submit_us=%lld total_us=%lld complete_on_return=%s\n", name,
              told(outcome.result).c_str(), microseconds(outcome.submit),
              microseconds(outcome.total), outcome.complete_on_return ? "yes" : "no");
}

/// What is copied between program and kernel for one operation, and how many calls it takes.
void print_sizes() {
  // STEP 07.5: print the sizes of an iocb, a pointer and an io_event, and their sum.
  //   The line reads `sizes iocb=A pointer=B io_event=C together=D`.
  //   man: io_submit(2), io_getevents(2)   check: counts_the_bytes_that_are_copied
  std::printf("sizes iocb=%zu pointer=%zu io_event=%zu together=%zu\n", sizeof(iocb), sizeof(void*),
              sizeof(io_event), sizeof(iocb) + sizeof(void*) + sizeof(io_event));
}

/// Reads the beginning of the file, from the disk: what the page cache holds is dropped first.
void read_file(Aio& aio, const char* name, const char* path, int flags) {
  const FileDescriptor file{::open(path, O_RDONLY | O_CLOEXEC | flags)};
  if (!file) {
    std::printf("%s %s\n", name, told(-errno).c_str());  // tmpfs before 6.6 has no O_DIRECT
    return;
  }
  struct stat about {};
  async::check("fstat", ::fstat(file.get(), &about));
  async::check_result("posix_fadvise", -::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED));
  const std::size_t size = std::min(static_cast<std::size_t>(about.st_size), largest);
  const std::size_t rounded = std::max((size + block - 1) / block * block, block);
  const std::unique_ptr<char, decltype(&std::free)> memory{
      static_cast<char*>(std::aligned_alloc(block, rounded)), &std::free};
  print(name, measure(aio, reading(file.get(), {memory.get(), rounded}, 0)));
}

/// Reads from a socket. Somebody sends a byte as soon as this thread sleeps, or after two seconds.
void read_socket(Aio& aio, const char* name, int flags) {
  std::array<int, 2> ends;
  async::check("socketpair",
               ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0, ends.data()));
  const FileDescriptor ours{ends[0]}, theirs{ends[1]};
  char byte = 0;
  const Sleeper self;
  std::jthread sender{[&](const std::stop_token& stop) {
    self.await_sleep_in(SYS_io_submit, stop);
    async::check("write", ::write(theirs.get(), "x", 1));
  }};
  print(name, measure(aio, reading(ours.get(), {&byte, 1}, 0)));
}

/// One experiment after the other.
void demonstrate(const char* path) {
  print_sizes();
  Aio aio;
  read_file(aio, "buffered", path, 0);
  read_file(aio, "direct", path, O_DIRECT);
  read_socket(aio, "socket", 0);
  read_socket(aio, "socket_nonblocking", SOCK_NONBLOCK);
}

int main(int argc, char* argv[]) {
  if (argc > 2) return std::fprintf(stderr, "usage: aio_demo [FILE]\n"), 2;
  try {
    const Scratch scratch{argc == 2 ? argv[1] : "", largest};
    demonstrate(scratch.path());
    return 0;
  } catch (const async::Todo& missing) {
    std::fprintf(stderr, "%s\n", missing.what());
    return 70;
  } catch (const std::system_error& error) {
    if (std::string_view{error.what()}.starts_with("io_setup")) {
      std::printf("aio error=%s\n", ::strerrorname_np(error.code().value()));
      return 0;
    }
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
