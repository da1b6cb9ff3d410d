// Results of several runs made one: counts add up, histograms too, so that percentiles are right.
#pragma once

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "histogram_reader.hpp"
#include "json_reader.hpp"
#include "report.hpp"

namespace load {

/// The sum of runs that were made one after the other.
struct Merged {
  Tally tally;
  double seconds = 0;
  double cpu_seconds = 0;
  unsigned runs = 0;
  unsigned connections = 0;  // of the run that had most
  std::string why;           // the first bottleneck

  void add(const Value& result) {
    const auto count = [&](const char* name) {
      return static_cast<std::uint64_t>(result.at(name).number);
    };
    tally.messages += count("messages");
    tally.messages_in_all += count("messages_in_all");
    tally.bytes += count("bytes");
    tally.wrong_bytes += count("wrong_bytes");
    tally.established += count("established");
    tally.failed += count("failed_connections");
    tally.refused += count("refused");
    tally.starved += count("starved");
    tally.unanswered += count("unanswered");
    for (const auto& [name, times] : result.at("errors").members)
      tally.errors[name] += static_cast<std::uint64_t>(times.number);
    tally.latency.add(from_text(result.at("histogram").text));
    connections = std::max(connections, static_cast<unsigned>(count("connections")));
    seconds += result.at("seconds").number;
    cpu_seconds += result.at("load_cpu_seconds").number;
    if (why.empty()) why = result.at("why").text;
    ++runs;
  }
};

/// Adds the results that a file has: a line each, among other lines of `load` or alone.
///
/// throws    std::runtime_error, with the name of the file, if it has none, or one is broken.
inline void add_file(Merged& merged, const std::string& name) {
  std::ifstream file{name};
  const unsigned before = merged.runs;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    try {
      const Value value = JsonReader{line}.read();
      if (value.at("event").text == "result") merged.add(value);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error{name + ": " + error.what()};
    }
  }
  if (merged.runs == before) throw std::runtime_error{name + ": there is no result in it"};
}

/// One result of all that the files hold.
inline Object merge(const std::vector<std::string>& files) {
  Merged merged;
  for (const std::string& name : files) add_file(merged, name);
  const double messages = std::max<double>(1, double(merged.tally.messages));
  Object result = counted(merged.tally, merged.seconds);
  result.add("runs", merged.runs)
      .add("connections", merged.connections)
      .add("load_cpu_seconds", merged.cpu_seconds)
      .add("load_cpu_per_message_us", merged.cpu_seconds * 1e6 / messages)
      .add("bottleneck", !merged.why.empty())
      .add("why", merged.why);
  return result;
}

}  // namespace load
