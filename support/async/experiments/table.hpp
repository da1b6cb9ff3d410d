// What an experiment has measured, as a table: printed for people, written as JSON for programs.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace experiment {

/// Rows of numbers. Each row has a name; each column has one too, with the unit in it.
class Table {
 public:
  struct Column {
    std::string name;
    int decimals = 0;

    int width() const { return std::max(static_cast<int>(name.size()) + 2, decimals + 7); }
    void print(double number) const {
      if (std::isnan(number)) {
        std::printf("%*s", width(), "-");
      } else {
        std::printf("%*.*f", width(), decimals, number);
      }
    }
  };

  /// corner    what the names of the rows are.
  Table(std::string corner, std::vector<Column> columns)
      : corner_{std::move(corner)}, columns_{std::move(columns)} {}

  /// Adds a row: a number for each column, NaN (in JSON null) where there is none.
  void add(std::string name, std::vector<double> numbers) {
    rows_.push_back({std::move(name), std::move(numbers)});
  }

  /// Adds a line below the table: what was left out, and why.
  void note(std::string text) { notes_.push_back(std::move(text)); }

  void print() const {
    std::size_t widest = corner_.size();
    for (const Row& row : rows_) widest = std::max(widest, row.name.size());
    const int width = static_cast<int>(widest);
    std::printf("%-*s", width, corner_.c_str());
    for (const Column& column : columns_) std::printf("%*s", column.width(), column.name.c_str());
    for (const Row& row : rows_) {
      std::printf("\n%-*s", width, row.name.c_str());
      for (std::size_t at = 0; at < columns_.size(); ++at) columns_[at].print(row.numbers.at(at));
    }
    std::printf("\n");
    for (const std::string& text : notes_) std::printf("%s\n", text.c_str());
  }

  /// {"rows": [{"name": "...", "COLUMN": 1.0, ...}], "notes": ["..."]}. Names need no escapes.
  void write_json(std::ostream& out) const {
    const char* separator = "";
    out << "{\"rows\": [";
    for (const Row& row : rows_) {
      out << std::exchange(separator, ", ") << "{\"name\": \"" << row.name << '"';
      for (std::size_t at = 0; at < columns_.size(); ++at) {
        out << ", \"" << columns_[at].name << "\": ";
        std::isnan(row.numbers.at(at)) ? out << "null" : out << row.numbers.at(at);
      }
      out << '}';
    }
    separator = "";
    out << "], \"notes\": [";
    for (const std::string& text : notes_)
      out << std::exchange(separator, ", ") << '"' << text << '"';
    out << "]}\n";
  }

 private:
  struct Row {
    std::string name;
    std::vector<double> numbers;
  };
  std::string corner_;
  std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::vector<std::string> notes_;
};

/// The main() of every experiment: `NAME [--json FILE]`. Status 1: it failed; 2: wrong usage. What
/// does not end within four minutes, on however busy a machine, is ended by SIGALRM, alarm(2).
inline int run(int argc, char* argv[], Table (*measure)()) {
  const bool wants_json = argc == 3 && std::string_view{argv[1]} == "--json";
  if (argc != 1 && !wants_json) {
    std::fprintf(stderr, "usage: %s [--json FILE]\n", argv[0]);
    return 2;
  }
  ::alarm(240);
  try {
    const Table table = measure();
    table.print();
    if (!wants_json) return 0;
    std::ofstream file{argv[2]};
    table.write_json(file);
    if (file.flush()) return 0;
    std::fprintf(stderr, "error: %s cannot be written\n", argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
  }
  return 1;
}

}  // namespace experiment
