// What a process costs to make, and what a thread does: in a small parent, and in one of 1 GiB.
//
// fork() copies no page of memory, but it copies the page tables: an entry for each page of 4 KiB
// that the parent has touched, or for each of 2 MiB where it has huge pages. (VmPTE does not show
// the difference: behind each huge page the kernel keeps a table in reserve, to split it.) A thread
// shares them. Medians of the time until the new one has ended and has been waited for. It takes a
// few seconds: beside 1 GiB there is time for few processes, and on a busy machine for one only.

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "async/check.hpp"
#include "proc.hpp"
#include "table.hpp"

namespace {

constexpr std::size_t MiB = 1024 * 1024;
constexpr std::size_t GiB = 1024 * MiB;
constexpr long needed_kib = 2 * 1024 * 1024;  // for the big parent: twice what it takes

void fork_and_wait() {
  const pid_t child = async::check("fork", ::fork());
  if (child == 0) ::_exit(0);
  async::check("waitpid", ::waitpid(child, nullptr, 0));
}

void create_and_join() {
  pthread_t thread;
  const auto nothing = [](void*) -> void* { return nullptr; };
  if (const int error = pthread_create(&thread, nullptr, nothing, nullptr))
    async::fail("pthread_create", error);
  pthread_join(thread, nullptr);
}

double microseconds(void (*work)()) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before)
      .count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Both by turns, so that what else happens on the machine hits both: up to 300 processes, for as
/// long as `limit` allows, with ten threads after each. The first thread pays for the process: what
/// it writes to is copied on write.
void compare(experiment::Table& table, const std::string& parent) {
  constexpr std::chrono::milliseconds limit{400};
  std::vector<double> forks;
  std::vector<double> threads;
  create_and_join();  // pays for what stays: a stack in the cache
  const auto until = std::chrono::steady_clock::now() + limit;
  do {
    forks.push_back(microseconds(fork_and_wait));
    for (int number = 0; number < 10; ++number) threads.push_back(microseconds(create_and_join));
  } while (forks.size() < 300 && std::chrono::steady_clock::now() < until);
  const double page_tables = experiment::number_in("/proc/self/status", "VmPTE");
  table.add(parent, {page_tables, median(forks), median(threads)});
}

/// Touches every page. Returns false if that takes too long: a busy machine, or a kernel that has
/// to make room for huge pages first.
bool touch(volatile char* memory) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{3500};
  for (std::size_t at = 0; at < GiB; at += 4096) {
    memory[at] = 1;
    if (at % (2 * MiB) == 0 && std::chrono::steady_clock::now() > until) return false;
  }
  return true;
}

/// The same when the parent has touched 1 GiB.
///
/// pages     MADV_NOHUGEPAGE: of 4 KiB each; MADV_HUGEPAGE: of 2 MiB, where the kernel has them.
void compare_big(experiment::Table& table, const std::string& parent, int pages) {
  if (experiment::number_in("/proc/meminfo", "MemAvailable") < needed_kib) {
    table.note(parent + ": left out, less than 2 GiB of memory is available");
    return;
  }
  void* memory = ::mmap(nullptr, GiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) async::fail("mmap");
  ::madvise(memory, GiB, pages);  // EINVAL: this kernel has pages of 4 KiB only
  if (touch(static_cast<volatile char*>(memory))) {
    compare(table, parent);
  } else {
    table.note(parent + ": left out, to touch it all takes more than 3.5 s");
  }
  async::check("munmap", ::munmap(memory, GiB));
}

experiment::Table measure() {
  experiment::Table table{"parent",
                          {{"VmPTE KiB"}, {"fork + wait us"}, {"thread create + join us"}}};
  compare(table, "small");
  compare_big(table, "1 GiB touched", MADV_NOHUGEPAGE);
  compare_big(table, "1 GiB, huge pages", MADV_HUGEPAGE);
  return table;
}

}  // namespace

int main(int argc, char* argv[]) { return experiment::run(argc, argv, measure); }
