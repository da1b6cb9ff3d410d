// A connection's way: connecting, connected, lost, closed.
#include "client.hpp"
#include "errors.hpp"

namespace load {

void Client::connect(Connection& connection) {
  const std::uint32_t serial = ++serials_;
  connection.start(serial, Pattern::key(serial), Clock::now());
  connection.socket = sources_.socket();
  ++connecting;
  if (!connection.silent) ++alive;
  engine->connect(connection);
}

void Client::connected(Connection& connection) {
  --connecting;
  ++tally.established;
  progress = Clock::now();
  connection.state = State::resting;
  if (stage_ == Stage::leaving) return close(connection);
  if (stage_ != Stage::connecting && !connection.silent) pace->ready(connection, connection.since);
}

void Client::lost(Connection& connection, int error) {
  const bool attempt = connection.state == State::connecting;
  if (attempt) {
    ++tally.failed;
    if (error == ECONNREFUSED) ++tally.refused;
  }
  const std::string what = error == 0 ? "closed by the server" : name_of(error);
  fail(attempt ? "connect: " + what : connection.silent ? "idle: " + what : what);
  close(connection);
}

void Client::close(Connection& connection) {
  if (connection.state == State::gone) return;
  if (connection.state == State::connecting) --connecting;
  if (connection.state == State::asking) --asking;
  if (!connection.silent) --alive;
  connection.state = State::gone;
  engine->close(connection);
}

void Client::give_up_connecting() {
  std::uint64_t late = 0;
  for (Connection& connection : connections) {
    if (connection.state == State::connecting) close(connection), ++late;
  }
  tally.failed += late;
  if (late > 0) fail("connect: no answer in time", late);
}

void Client::enter(Stage stage, Time now) {
  if (stage == Stage::leaving && stage_ == Stage::window)
    for (const Connection& connection : connections)
      if (connection.state == State::asking && !connection.answered) ++tally.starved;
  const bool first = stage_ == Stage::connecting || stage_ == Stage::greeting;
  stage_ = stage;
  if (stage == Stage::leaving) return;
  progress = now;
  pace->start(now);
  if (!first) return;
  for (Connection& connection : connections)
    if (connection.state == State::resting && !connection.silent)
      pace->ready(connection, Clock::now());
}

void Client::greet(Time now) {
  stage_ = Stage::greeting;
  newest = now;
  for (Connection& connection : connections)
    if (connection.state == State::resting && !connection.silent) ask(connection, now);
}

void Client::leave() {
  for (Connection& connection : connections)
    if (connection.state != State::asking) close(connection);
}

void Client::count_unanswered() {
  for (Connection& connection : connections) {
    if (connection.state != State::asking) continue;
    const bool begun = connection.owed() < options_.size;
    fail(begun ? "reply incomplete" : "no reply");
    ++tally.unanswered;
    close(connection);
  }
}

}  // namespace load
