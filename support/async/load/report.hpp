// The result of a run, as a line of JSON.
#pragma once

#include <cstdint>
#include <string>

#include "effort.hpp"
#include "histogram_text.hpp"
#include "json.hpp"
#include "options.hpp"
#include "tally.hpp"

namespace load {

inline Object in_microseconds(const Histogram& latency) {
  Object object;
  const auto add = [&](const char* name, double percent) {
    object.add(name, double(latency.percentile(percent)) / 1000);
  };
  add("p50", 50), add("p90", 90), add("p99", 99), add("p99_9", 99.9), add("max", 100);
  return object.add("mean", latency.mean() / 1000);
}

inline Object as_object(const std::map<std::string, std::uint64_t>& counts) {
  Object object;
  for (const auto& [name, count] : counts) object.add(name, count);
  return object;
}

inline std::string percent(double part) { return std::to_string(int(100 * part)) + " %"; }

/// Why the figures tell of the generator, not of the server; empty if they do not.
inline std::string bottleneck(const Options& options, const Effort& effort, std::uint64_t behind) {
  std::string why;
  if (effort.saturated()) {
    why = "the generator was busy " + percent(effort.busy()) +
          " of the time that it had a CPU: the server could have done more";
    if (effort.waited() > 0.25)
      why += " (for " + percent(effort.waited()) + " of the time others had its CPU)";
  }
  const double due = options.rate * effort.wall;
  if (options.rate == 0 || double(behind) <= due / 100) return why;
  if (!why.empty()) why += "; ";
  why += std::to_string(behind) + " of " + std::to_string(std::uint64_t(due)) +
         " messages were not sent in time: ";
  return why + (effort.saturated() ? "the rate is beyond this generator"
                                   : "all connections were waiting for the server: it is slower "
                                     "than the rate, or more connections are needed");
}

/// What a result and a merged result have in common.
inline Object counted(const Tally& tally, double seconds) {
  Object result;
  result.add("event", "result")
      .add("messages", tally.messages)
      .add("seconds", seconds)
      .add("messages_per_second", seconds > 0 ? double(tally.messages) / seconds : 0)
      .add("latency_us", in_microseconds(tally.latency))
      .add("histogram", to_text(tally.latency))
      .add("bytes", tally.bytes)
      .add("wrong_bytes", tally.wrong_bytes)
      .add("messages_in_all", tally.messages_in_all)
      .add("established", tally.established)
      .add("failed_connections", tally.failed)
      .add("refused", tally.refused)
      .add("starved", tally.starved)
      .add("unanswered", tally.unanswered)
      .add("errors", as_object(tally.errors));
  return result;
}

}  // namespace load
