// "A thread costs 8 MB": what a thousand idle threads take, of address space and of memory.
//
// Each row is measured in a process of its own. VmSize is the address space that is reserved, VmRSS
// the memory that the process has in truth, VmPTE the page tables for it. The kernel's stacks
// belong to no process: /proc/meminfo counts those of the whole machine, so that column is a
// difference.

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <latch>
#include <stdexcept>
#include <string>

#include "async/check.hpp"
#include "proc.hpp"
#include "table.hpp"

namespace {

constexpr std::size_t KiB = 1024;

struct Memory {
  long threads = 0;
  std::array<double, 4> kib{};  // VmSize, VmRSS, VmPTE, KernelStack
};

std::array<double, 4> memory_now() {
  std::array<double, 4> kib{};
  std::size_t place = 0;
  for (const char* key : {"VmSize", "VmRSS", "VmPTE"})
    kib[place++] = experiment::number_in("/proc/self/status", key);
  kib[place] = experiment::number_in("/proc/meminfo", "KernelStack");
  return kib;
}

std::size_t default_stack() {
  pthread_attr_t attributes;
  std::size_t stack = 0;
  pthread_attr_init(&attributes);
  pthread_attr_getstacksize(&attributes, &stack);
  pthread_attr_destroy(&attributes);
  return stack;
}

/// A thread that says that it lives, and then waits for ever: it has used its stack a little.
void* idle(void* started) {
  static_cast<std::latch*>(started)->count_down();
  while (true) ::pause();
}

/// Makes threads until there are `wanted`, or until the system allows no more, and looks.
Memory with_threads(long wanted, std::size_t stack) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  std::latch started{wanted};
  Memory memory;
  const double kernel_stacks_before = memory_now()[3];
  for (pthread_t thread; memory.threads < wanted; ++memory.threads)
    if (pthread_create(&thread, &attributes, idle, &started) != 0) break;
  started.count_down(wanted - memory.threads);
  started.wait();
  memory.kib = memory_now();
  memory.kib[3] -= kernel_stacks_before;
  return memory;
}

/// The same in a child, which takes its threads with it when it ends.
Memory in_a_child(long wanted, std::size_t stack) {
  int ends[2];
  async::check("pipe", ::pipe(ends));
  const pid_t child = async::check("fork", ::fork());
  if (child == 0) {
    const Memory memory = with_threads(wanted, stack);
    ::_exit(::write(ends[1], &memory, sizeof memory) == sizeof memory ? 0 : 1);
  }
  ::close(ends[1]);
  Memory memory;
  const bool told = ::read(ends[0], &memory, sizeof memory) == sizeof memory;
  ::close(ends[0]);
  async::check("waitpid", ::waitpid(child, nullptr, 0));
  if (!told) throw std::runtime_error{"a child has told nothing"};
  return memory;
}

experiment::Table measure() {
  experiment::Table table{"threads",
                          {{"stack KiB"},
                           {"VmSize MiB"},
                           {"VmRSS MiB", 1},
                           {"VmPTE MiB", 1},
                           {"kernel stacks MiB", 1}}};
  for (const std::size_t stack : {default_stack(), 64 * KiB}) {
    for (const long wanted : {1L, 1000L, 5000L}) {
      const auto [made, kib] = in_a_child(wanted, stack);
      table.add(std::to_string(made),
                {double(stack) / KiB, kib[0] / KiB, kib[1] / KiB, kib[2] / KiB, kib[3] / KiB});
      if (made < wanted)
        table.note("no more than " + std::to_string(made) + " threads are allowed here");
    }
  }
  return table;
}

}  // namespace

int main(int argc, char* argv[]) { return experiment::run(argc, argv, measure); }
