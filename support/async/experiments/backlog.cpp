// How many clients listen(backlog) admits while nobody accepts, and what becomes of the next one.
//
// One client after the other connects, each when the last one is through. The first that the kernel
// has no room for gets no answer at all: its SYN is dropped, and its own kernel sends another one a
// second later. SO_MEMINFO of the listener counts what it has dropped.

#include <linux/sock_diag.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "async/check.hpp"
#include "async/file_descriptor.hpp"
#include "async/socket.hpp"
#include "loopback.hpp"
#include "table.hpp"

namespace {

using async::FileDescriptor;
using Clock = std::chrono::steady_clock;

/// What the listener has dropped so far: SYNs that found no room.
unsigned dropped(const FileDescriptor& listener) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t size = sizeof numbers;
  async::check("getsockopt",
               ::getsockopt(listener.get(), SOL_SOCKET, SO_MEMINFO, numbers.data(), &size));
  return numbers[SK_MEMINFO_DROPS];
}

/// The listener's own numbers, as `ss -tl` shows them: Recv-Q waits, Send-Q is the limit.
tcp_info queue_of(const FileDescriptor& listener) {
  tcp_info info{};
  socklen_t size = sizeof info;
  async::check("getsockopt", ::getsockopt(listener.get(), IPPROTO_TCP, TCP_INFO, &info, &size));
  return info;
}

/// Is it connected, if need be after `milliseconds`?
bool connected(const FileDescriptor& client, int milliseconds) {
  pollfd entry{.fd = client.get(), .events = POLLOUT, .revents = 0};
  return async::check("poll", ::poll(&entry, 1, milliseconds)) == 1;
}

/// A listener that accepts nobody, the clients that it has admitted, and the one that waits.
struct Crowd {
  FileDescriptor listener = async::listen_on(0);
  std::vector<FileDescriptor> clients{};  // the last one is not connected
  Clock::time_point began{};              // when that one sent its first SYN

  explicit Crowd(int backlog) {
    async::check("listen", ::listen(listener.get(), backlog));  // the later call counts
    const std::uint16_t port = async::port_of(listener.get());
    const unsigned before = dropped(listener);
    do {
      began = Clock::now();
      clients.push_back(experiment::connect_to(port, SOCK_NONBLOCK));
      while (!connected(clients.back(), 1) && dropped(listener) == before) {
      }
    } while (dropped(listener) == before && static_cast<int>(clients.size()) < backlog + 10);
  }
};

/// What the listener and its clients say; then one is accepted, so that there is room.
std::vector<double> look_and_accept(const Crowd& crowd) {
  const tcp_info queue = queue_of(crowd.listener);
  double through = 0;
  for (const FileDescriptor& client : crowd.clients) through += connected(client, 0);
  async::accept_client(crowd.listener.get());
  return {double(queue.tcpi_sacked), double(queue.tcpi_unacked), through};
}

experiment::Table measure() {
  experiment::Table table{
      "listen()", {{"limit (Send-Q)"}, {"waiting (Recv-Q)"}, {"connected"}, {"the next one, ms"}}};
  const std::array backlogs{0, 1, 5, 10, 128};
  const std::vector<Crowd> crowds(backlogs.begin(), backlogs.end());
  std::vector<std::vector<double>> rows;
  for (const Crowd& crowd : crowds) rows.push_back(look_and_accept(crowd));
  for (std::size_t at = 0; at < backlogs.size(); ++at) {
    connected(crowds[at].clients.back(), 5000);
    const std::chrono::duration<double, std::milli> waited = Clock::now() - crowds[at].began;
    rows[at].push_back(waited.count());
    table.add(std::to_string(backlogs[at]), rows[at]);
  }
  return table;
}

}  // namespace

int main(int argc, char* argv[]) { return experiment::run(argc, argv, measure); }
