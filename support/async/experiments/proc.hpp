// What the kernel tells of a process or of the machine, line by line: proc(5).
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

namespace experiment {

/// Reads what stands behind "KEY:" in a file, without the space in between.
///
/// throws    std::runtime_error: no such file, or no such line.
inline std::string text_in(const std::string& file, const std::string& key) {
  std::ifstream lines{file};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key + ':'))
      return line.substr(line.find_first_not_of(" \t", key.size() + 1));
  throw std::runtime_error{file + " has no line " + key};
}

/// The same as a number, in the unit that stands there: "VmRSS:  1234 kB" is 1234.
inline double number_in(const std::string& file, const std::string& key) {
  return std::stod(text_in(file, key));
}

}  // namespace experiment
