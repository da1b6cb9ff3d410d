// The Ring as Python sees it: the GIL released where it waits, signals handled, one thread its
// owner.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "completion.hpp"
#include "ring_operations.hpp"

namespace bindings {

/// Operations with an owner that may close them. See the docstrings in ring.cpp.
class PythonRing {
 public:
  PythonRing() : operations_{std::make_unique<Operations>()} {}
  ~PythonRing() { let_go(); }

  Operations::Token add(Operation operation) { return open().add(std::move(operation)); }

  std::size_t submit() {
    Operations& operations = open();
    const py::gil_scoped_release released;
    return operations.submit();
  }

  /// Waits, and lets Python handle the signals that come meanwhile: their handlers may raise
  /// (KeyboardInterrupt), and may use this ring, so it is asked for anew afterwards.
  py::list wait(std::optional<double> seconds) {
    const auto deadline = deadline_in(seconds);
    if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
    for (bool first = true; open().size() > 0; first = false) {
      if (!first && deadline && Clock::now() >= *deadline) break;
      wait_once(deadline);
      if (open().has_finished()) break;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
    }
    return take_all();
  }

  void close() {
    if (operations_ && !operations_->ours()) open();  // says why not
    let_go();
  }

  bool closed() const { return operations_ == nullptr; }
  std::size_t in_flight() { return operations_ ? operations_->size() : 0; }
  std::string text() {
    if (closed()) return "<asynclab.Ring closed>";
    return "<asynclab.Ring in_flight=" + std::to_string(in_flight()) + ">";
  }

 private:
  static constexpr double most_seconds = 1e9;  // our bound, 31 years: longer is for ever

  /// The operations, for their own thread, until close().
  Operations& open() {
    if (!operations_) throw py::value_error{"the ring is closed"};
    if (operations_->ours()) return *operations_;
    throw std::runtime_error{"a ring belongs to the thread that made it"};
  }

  static std::optional<Clock::time_point> deadline_in(std::optional<double> seconds) {
    if (!seconds || *seconds > most_seconds) return {};
    const std::chrono::duration<double> time{seconds_in_range("timeout", *seconds, most_seconds)};
    return Clock::now() + std::chrono::ceil<Clock::duration>(time);
  }

  void wait_once(std::optional<Clock::time_point> deadline) {
    Operations& operations = open();
    const py::gil_scoped_release released;
    operations.wait(deadline);
  }

  py::list take_all() {
    py::list completions;
    while (open().has_finished()) completions.append(Completion{open().take()});
    return completions;
  }

  void let_go() {
    std::unique_ptr<Operations> last = std::move(operations_);
    const py::gil_scoped_release released;
    last.reset();
  }

  std::unique_ptr<Operations> operations_;
};

}  // namespace bindings
