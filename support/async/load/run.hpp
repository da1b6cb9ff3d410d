// A run from its first connection to its result.
#pragma once

#include <cstdint>
#include <string>

#include "client.hpp"
#include "effort.hpp"
#include "options.hpp"

namespace load {

class Run {
 public:
  explicit Run(const Options& options);

  /// Does all of it, and prints it. Returns whether everything was fine.
  bool operator()();

 private:
  void connect_all();
  void work(Time end);
  void greet();
  void warm_up();
  void window();
  void leave();
  void report();
  void step(Time end);
  bool given_up() const;
  void show_progress();

  const Options& options_;
  Client client_;
  Time now_ = Clock::now();  // read once after each wait
  std::uint64_t looked_ = 0;
  Effort effort_;
  std::uint64_t behind_ = 0;
  std::size_t began_with_ = 0;  // connections that stood at first
  bool nobody_ = false;         // the first attempt was refused
  bool gave_up_ = false;
  Time shown_{};
  std::uint64_t shown_messages_ = 0;
};

}  // namespace load
