// What a process costs to make, and what a thread does: in a small parent, and in one of 1 GiB.
//
// fork() copies no page of memory, but it copies the page tables: an entry for each page of 4 KiB
// that the parent has touched, or for each of 2 MiB where it has huge pages. (VmPTE does not show
// the difference: behind each huge page the kernel keeps a table in reserve, to split it.) A thread
// shares them. Medians of the time until the new one has ended and has been waited for.

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

constexpr std::size_t GiB = 1024 * 1024 * 1024;
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

/// Both by turns, so that what else happens on the machine hits both.
void compare(experiment::Table& table, const std::string& parent) {
  std::vector<double> forks;
  std::vector<double> threads;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  fork_and_wait(), create_and_join();  // the first ones pay for what stays: a stack in the cache
  do {
    forks.push_back(microseconds(fork_and_wait));
    threads.push_back(microseconds(create_and_join));
  } while (forks.size() < 300 && std::chrono::steady_clock::now() < until);
  const double page_tables = experiment::number_in("/proc/self/status", "VmPTE");
  table.add(parent, {page_tables, median(forks), median(threads)});
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
  for (std::size_t at = 0; at < GiB; at += 4096) static_cast<volatile char*>(memory)[at] = 1;
  compare(table, parent);
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
