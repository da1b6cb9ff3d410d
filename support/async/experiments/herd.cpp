// The thundering herd: how many of eight waiting processes wake up for one connection.
//
// Each way of waiting gets eight processes and 300 clients. The next client comes when the last one
// has been accepted and all eight are asleep again. A switch is a voluntary context switch, counted
// by the kernel: somebody was woken, and has gone to sleep again. A return is a wake-up that the
// program sees: epoll_wait() looks again, and does not return if the client has gone meanwhile.

#include <sys/epoll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"
#include "family.hpp"
#include "loopback.hpp"
#include "table.hpp"

namespace {

using async::FileDescriptor;
using Clock = std::chrono::steady_clock;

constexpr int waiters = 8;
constexpr int clients = 300;

/// A way to wait for clients with several processes.
struct Way {
  const char* name;
  std::optional<std::uint32_t> epoll{};  // events for an instance of one's own; else accept() waits
  bool own_listener = false;             // SO_REUSEPORT: the kernel deals the clients out
  bool late = false;                     // accept() comes when all have seen that it can
};

/// What each waiter counts.
struct Counts {
  std::atomic<long> returns{0};
  std::atomic<long> accepted{0};
};

/// Memory that the parent and the eight have in common.
struct Shared {
  std::array<Counts, waiters> counts{};
  std::atomic<long> clients{0};  // so far

  long returns() const {
    long sum = 0;
    for (const Counts& own : counts) sum += own.returns;
    return sum;
  }
};

Shared& shared_memory() {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                        /*fd=*/-1, 0);
  if (memory == MAP_FAILED) async::fail("mmap");
  return *new (memory) Shared;
}

/// Waits until all eight have seen the client, but not for ever.
void dawdle(const Shared& shared) {
  const auto limit = Clock::now() + std::chrono::milliseconds{5};
  while (shared.returns() < waiters * shared.clients && Clock::now() < limit) ::sched_yield();
}

/// Takes clients for ever. Closes each at once, and so tells it that it has been accepted.
[[noreturn]] void wait_for_clients(const Way& way, int listener, Shared& shared, Counts& own) {
  const FileDescriptor epoll{async::check("epoll_create1", ::epoll_create1(EPOLL_CLOEXEC))};
  epoll_event event{.events = way.epoll.value_or(0), .data = {.fd = listener}};
  if (way.epoll)
    async::check("epoll_ctl", ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, listener, &event));
  while (true) {
    if (way.epoll) {
      if (::epoll_wait(epoll.get(), &event, 1, -1) < 1) continue;
      ++own.returns;
      if (way.late) dawdle(shared);
    }
    const FileDescriptor client = async::accept_client(listener);
    if (!way.epoll) ++own.returns;
    if (client) ++own.accepted;
  }
}

/// A listener at `port`, where others may listen as well.
FileDescriptor listen_at(std::uint16_t port, const Way& way) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | (way.epoll ? SOCK_NONBLOCK : 0);
  FileDescriptor listener{async::check("socket", ::socket(AF_INET, type, 0))};
  async::enable(listener.get(), SOL_SOCKET, SO_REUSEPORT);
  const experiment::Loopback name{port};
  async::check("bind", ::bind(listener.get(), name.address(), name.size));
  async::check("listen", ::listen(listener.get(), SOMAXCONN));
  return listener;
}

/// Starts the eight; tells the port. The parent keeps no listener: nobody would accept there.
std::uint16_t start(experiment::Family& family, const Way& way, Shared& shared) {
  FileDescriptor common = listen_at(0, way);
  const std::uint16_t port = async::port_of(common.get());
  for (Counts& counts : shared.counts) {
    FileDescriptor own = way.own_listener ? listen_at(port, way) : FileDescriptor{};
    family.start([&] {
      if (own) std::swap(common, own), own = {};
      wait_for_clients(way, common.get(), shared, counts);
    });
  }
  return port;
}

void measure(experiment::Table& table, const Way& way) {
  Shared& shared = shared_memory();
  experiment::Family family;
  const std::uint16_t port = start(family, way, shared);
  family.wait_until_asleep();
  const double before = family.voluntary_switches();
  for (int number = 0; number < clients; ++number) {
    ++shared.clients;
    const FileDescriptor client = experiment::connect_to(port);
    char end = 0;
    async::check("recv", ::recv(client.get(), &end, 1, 0));  // the end: it has been accepted
    family.wait_until_asleep();
  }
  double accepted = 0, most = 0;
  for (const Counts& own : shared.counts) {
    accepted += double(own.accepted);
    most = std::max(most, double(own.accepted));
  }
  const double returns = double(shared.returns());
  table.add(way.name, {accepted, (family.voluntary_switches() - before) / clients,
                       returns / clients, (returns - accepted) / clients, 100 * most / clients});
}

experiment::Table measure_all() {
  experiment::Table table{"eight processes wait in",
                          {{"accepted"},
                           {"switches/client", 2},
                           {"returns/client", 2},
                           {"in vain/client", 2},
                           {"busiest, %"}}};
  measure(table, {.name = "accept()"});
  measure(table, {.name = "epoll_wait()", .epoll = EPOLLIN});
  measure(table, {.name = "epoll_wait(), late accept()", .epoll = EPOLLIN, .late = true});
  measure(table, {.name = "EPOLLEXCLUSIVE", .epoll = EPOLLIN | EPOLLEXCLUSIVE});
  measure(table, {.name = "SO_REUSEPORT", .epoll = EPOLLIN, .own_listener = true});
  return table;
}

}  // namespace

int main(int argc, char* argv[]) { return experiment::run(argc, argv, measure_all); }
