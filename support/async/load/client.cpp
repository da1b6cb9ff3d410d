// A message's way: asked, verified, answered.
#include "client.hpp"

#include "epoll_engine.hpp"
#ifdef LOAD_URING
#include "uring_engine.hpp"
#endif

namespace load {

Client::Client(const Options& options) : options_{options}, sources_{options} {
  connections.resize(options.idle + options.connections);
  for (std::uint32_t index = 0; index < connections.size(); ++index) {
    connections[index].index = index;
    connections[index].silent = index < options.idle;
  }
  if (!options.uring) {
    engine = std::make_unique<EpollEngine>(connections, sources_, pattern_, *this);
  } else {
#ifdef LOAD_URING
    engine = std::make_unique<UringEngine>(connections, sources_, pattern_, *this);
#else
    throw async::UsageError{"error: --engine uring: load was built without liburing 2.3 or later"};
#endif
  }
  if (options.rate > 0) {
    pace = std::make_unique<OpenLoop>(*this, options.rate, connections.size());
  } else {
    pace = std::make_unique<ClosedLoop>(*this);
  }
}

bool Client::wants_more() const {
  if (stage_ == Stage::window && options_.messages > 0)
    return tally.messages + asking < options_.messages;
  return stage_ == Stage::warming_up || stage_ == Stage::window;
}

void Client::ask(Connection& connection, Time due) {
  if (asking++ == 0) progress = Clock::now();
  connection.state = State::asking;
  connection.since = due;
  connection.promised += options_.size;
  ++connection.messages;
  engine->send(connection);
}

void Client::received(Connection& connection, Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes expected = pattern_.at(connection.key, connection.received,
                                       std::min<std::uint64_t>(connection.owed(), bytes.size()));
    if (expected.empty() || std::memcmp(expected.data(), bytes.data(), expected.size()) != 0)
      return wrong(connection, expected, bytes);
    connection.received += expected.size();
    if (stage_ == Stage::window) tally.bytes += expected.size();
    bytes = bytes.subspan(expected.size());
  }
  if (connection.state == State::asking && connection.owed() == 0) answered(connection);
}

void Client::answered(Connection& connection) {
  const Time now = Clock::now();
  progress = now;
  --asking;
  ++tally.messages_in_all;
  connection.state = State::resting;
  if (!connection.answered) ++served, newest = now;
  connection.answered = true;
  if (stage_ == Stage::window && !complete()) {
    ++tally.messages;
    tally.latency.record((now - connection.since).count());
  }
  if (stage_ == Stage::leaving) return close(connection);
  if (stage_ == Stage::greeting) return;
  const bool worn = options_.per_connection > 0 && connection.messages >= options_.per_connection;
  if (worn && wants_more()) return renew(connection, now);
  pace->ready(connection, now);
}

void Client::renew(Connection& connection, Time now) {
  close(connection);
  connect(connection);
  connection.since = now;
}

void Client::wrong(Connection& connection, Bytes expected, Bytes got) {
  const Difference difference{expected, got};
  const std::uint64_t place = connection.received + difference.first;
  const std::string name = suspicion_.name(connection, place, got.subspan(difference.first));
  tally.wrong_bytes += expected.empty() ? got.size() : difference.count;
  if (tally.first_wrong.empty())
    tally.first_wrong = name + ": byte " + std::to_string(place) + " of connection " +
                        std::to_string(connection.index);
  fail(name);
  close(connection);  // from here on nothing of it can be right
}

}  // namespace load
