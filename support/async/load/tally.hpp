// What a run counts.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "histogram.hpp"

namespace load {

struct Tally {
  std::uint64_t messages = 0;         // answered in the window
  std::uint64_t messages_in_all = 0;  // answered ever: what the server has counted
  std::uint64_t bytes = 0;            // that came back in the window
  std::uint64_t wrong_bytes = 0;
  std::uint64_t established = 0;  // connections, silent ones and those made anew among them
  std::uint64_t failed = 0;       // that did not come about
  std::uint64_t refused = 0;      // of them
  std::uint64_t starved = 0;     // connections that asked, and had no reply before the window ended
  std::uint64_t unanswered = 0;  // messages without a whole reply when all was over
  std::map<std::string, std::uint64_t> errors;  // by name
  std::string first_wrong;                      // where, and how
  Histogram latency;                            // of the window, in nanoseconds

  bool fine() const { return errors.empty() && wrong_bytes == 0 && failed == 0; }
};

}  // namespace load
