// What one wake-up costs beside idle descriptors: select(2), poll(2) and epoll(7).
//
// Usage: wakeup_cost [--json FILE]. One descriptor is always ready, n others never are. A wake-up
// is one call and whatever the program then has to do to know who is ready. Times are CPU time of
// this thread, so that a neighbour on the same CPU does not count; each is a median of rounds in
// which the three take turns.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "table.hpp"

using async::FileDescriptor;

constexpr std::array sizes{1, 3, 10, 30, 100, 300, 1'000, 3'000, 10'000};
constexpr int rounds = 15;

/// n sockets to which nobody sends, and one descriptor that is ready; it has the highest number.
struct Descriptors {
  explicit Descriptors(int n) {
    for (int i = 0; i < n; ++i) {
      idle.emplace_back(async::check("socket", ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
    }
    ready = FileDescriptor{async::check("eventfd", ::eventfd(1, EFD_CLOEXEC))};
  }
  std::vector<int> numbers() const {
    std::vector<int> all;
    for (const FileDescriptor& descriptor : idle) all.push_back(descriptor.get());
    all.push_back(ready.get());
    return all;
  }
  std::vector<FileDescriptor> idle;
  FileDescriptor ready;
};

/// A way to wait: returns the descriptor that is ready.
using Wait = std::function<int()>;

Wait by_select(const std::vector<int>& numbers) {
  fd_set wanted;
  FD_ZERO(&wanted);
  for (const int fd : numbers) FD_SET(fd, &wanted);
  return [numbers, wanted] {
    fd_set answer = wanted;  // select() overwrites it
    async::check("select", ::select(numbers.back() + 1, &answer, nullptr, nullptr, nullptr));
    return *std::ranges::find_if(numbers, [&](int fd) { return FD_ISSET(fd, &answer); });
  };
}

Wait by_poll(const std::vector<int>& numbers) {
  std::vector<pollfd> list;
  for (const int fd : numbers) list.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  return [list]() mutable {
    async::check("poll", ::poll(list.data(), list.size(), -1));
    return std::ranges::find_if(list, [](const pollfd& entry) { return entry.revents != 0; })->fd;
  };
}

Wait by_epoll(const std::vector<int>& numbers, const FileDescriptor& epoll) {
  for (const int fd : numbers) {
    epoll_event wanted{.events = EPOLLIN, .data = {.fd = fd}};
    async::check("epoll_ctl", ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &wanted));
  }
  return [&epoll] {
    std::array<epoll_event, 64> batch;
    async::check("epoll_wait", ::epoll_wait(epoll.get(), batch.data(), 64, -1));
    return batch[0].data.fd;
  };
}

double cpu_seconds() {
  timespec time{};
  async::check("clock_gettime", ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time));
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Microseconds of CPU time for one wake-up, over enough of them to fill 3 ms or so.
double cost(const Wait& wait, int ready, int calls) {
  const double began = cpu_seconds();
  for (int call = 0; call < calls; ++call) {
    if (wait() != ready) throw std::runtime_error{"it named a descriptor that is not ready"};
  }
  return (cpu_seconds() - began) / calls * 1e6;
}

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + std::ssize(values) / 2);
  return values[values.size() / 2];
}

/// One row: a median for each way of waiting; NaN for select() where a descriptor does not fit.
std::vector<double> measure(int n) {
  const Descriptors descriptors{n};
  const std::vector<int> numbers = descriptors.numbers();
  const FileDescriptor epoll{async::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  std::array<Wait, 3> ways{Wait{}, by_poll(numbers), by_epoll(numbers, epoll)};
  if (numbers.back() < FD_SETSIZE) ways[0] = by_select(numbers);
  std::array<std::vector<double>, 3> costs;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      const int calls = way == 2 ? 10'000 : std::max(20, 30'000 / (n + 1));
      if (ways[way]) costs[way].push_back(cost(ways[way], numbers.back(), calls));
    }
  }
  std::vector<double> medians;
  for (const std::vector<double>& rows : costs) {
    medians.push_back(rows.empty() ? std::nan("") : median(rows));
  }
  return medians;
}

/// The most descriptors that this process may have open.
rlim_t raise_descriptor_limit() {
  rlimit limit{};
  async::check("getrlimit", ::getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  async::check("setrlimit", ::setrlimit(RLIMIT_NOFILE, &limit));
  return limit.rlim_cur;
}

experiment::Table report() {
  experiment::Table table{"idle", {{"select", 3}, {"poll", 3}, {"epoll", 3}}};
  const rlim_t most = raise_descriptor_limit();
  for (const int n : sizes) {
    if (static_cast<rlim_t>(n) + 20 <= most) table.add(std::to_string(n), measure(n));
  }
  table.note("us of CPU for one wake-up, median of " + std::to_string(rounds) + " rounds");
  if (most < sizes.back() + 20) {
    table.note(std::to_string(most) + " descriptors at most, so the table ends early");
  }
  return table;
}

int main(int argc, char* argv[]) { return experiment::run(argc, argv, report); }
