// All connections of a run: what is sent on them, what comes back, and what goes wrong.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "difference.hpp"
#include "engine.hpp"
#include "options.hpp"
#include "pace.hpp"
#include "sources.hpp"
#include "tally.hpp"

namespace load {

class Client : public Listener, public Sender {
 public:
  /// What the run is at.
  enum class Stage { connecting, greeting, warming_up, window, leaving };

  explicit Client(const Options& options);

  // -- for the run -------------------------------------------------------------------------------
  void connect(Connection& connection);
  void give_up_connecting();
  void enter(Stage stage, Time now);
  /// Asks each connection once, and no more, whatever the pace.
  void greet(Time now);
  /// Closes who owes nothing; the others are closed with their reply.
  void leave();
  void count_unanswered();
  /// All messages that were asked for have come back.
  bool complete() const { return options_.messages > 0 && tally.messages >= options_.messages; }

  std::vector<Connection> connections;
  Tally tally;
  std::size_t connecting = 0;  // connections in that state
  std::size_t asking = 0;      // likewise
  std::size_t alive = 0;       // that are not gone, but for the silent ones
  Time progress{};             // when last a reply came, or became owed while none was
  std::size_t served = 0;      // connections that have ever had a reply
  Time newest{};               // when the latest of them had its first
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Pace> pace;

  // -- Sender ------------------------------------------------------------------------------------
  void ask(Connection& connection, Time due) override;
  bool wants_more() const override;

  // -- Listener ----------------------------------------------------------------------------------
  void connected(Connection& connection) override;
  void received(Connection& connection, Bytes bytes) override;
  void lost(Connection& connection, int error) override;

 private:
  using State = Connection::State;

  void answered(Connection& connection);
  void renew(Connection& connection, Time now);
  void wrong(Connection& connection, Bytes expected, Bytes got);
  void close(Connection& connection);
  void fail(const std::string& name, std::uint64_t times = 1) { tally.errors[name] += times; }

  const Options& options_;
  Pattern pattern_;
  Sources sources_;
  Suspicion suspicion_{pattern_, connections};
  Stage stage_ = Stage::connecting;
  std::uint32_t serials_ = 0;
};

}  // namespace load
