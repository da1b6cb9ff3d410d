// Lab 11: the event loop of lab 05 as a Python class, and work that other Python threads need not
// wait for. Between the two languages lies the GIL, the lock without which nobody touches a Python
// object.
//
// Try it: `make grade LAB=11`, then `PYTHONPATH=build/labs/module/11-python /usr/bin/python3` and
// `import asynclab; help(asynclab.EventLoop)`.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "async/fibonacci.hpp"
#include "async/python.hpp"
#include "async/todo.hpp"
#include "event_loop.hpp"

namespace py = pybind11;
using std::chrono::milliseconds;

/// A time-out of Python, in seconds and None for ever, as the loop takes it.
/// It is at least as long: cut short, the last millisecond would be a busy loop.
milliseconds to_milliseconds(std::optional<double> seconds) {
  if (seconds && std::isnan(*seconds)) throw py::value_error{"the time-out is not a number"};
  // STEP 11.1: turn seconds into milliseconds, rounded up.
  //   -1 waits for ever, 0 does not wait: a negative time-out has passed already. The loop hands
  //   the number on as an int; who asks for more than INT_MAX may be woken early.
  //   man: epoll_wait(2) "timeout"   check: never_wakes_too_early
  if (!seconds) return milliseconds{-1};
  const double rounded = std::ceil(*seconds * 1000);
  return milliseconds{static_cast<int>(std::clamp(rounded, 0.0, double{INT_MAX}))};
}

/// A callback that may be copied, run and dropped by a thread that does not hold the GIL.
EventLoop::Callback without_gil(py::function function) {
  // STEP 11.2: take the GIL to run the Python function, and to drop the last reference to it.
  //   To copy a py::function is to touch its count of references, and to drop the last one runs
  //   Python code. A shared_ptr can be copied by anybody, and takes a deleter of your own.
  //   man: pybind11 "Global Interpreter Lock"   check: a_callback_is_dropped_under_the_gil
  const std::shared_ptr<py::function> shared{new py::function{std::move(function)},
                                             [](py::function* last) {
                                               const py::gil_scoped_acquire gil;
                                               delete last;
                                             }};
  return [shared](std::uint32_t events) {
    const py::gil_scoped_acquire gil;
    (*shared)(events);
  };
}

/// The EventLoop as Python sees it.
class Loop {
 public:
  void add(int fd, std::uint32_t interest, py::function function) {
    EventLoop::Callback callback = [function](std::uint32_t events) { function(events); };
    async::written([&] { callback = without_gil(function); });
    // STEP 11.1: hand it on.
    //   What EventLoop throws arrives in Python as an OSError: see async/python.hpp.
    //   man: epoll_ctl(2)   check: runs_the_callback_of_a_ready_descriptor
    loop_.add(fd, interest, std::move(callback));
  }

  void modify(int fd, std::uint32_t interest) {
    // STEP 11.1: hand it on.
    //   man: epoll_ctl(2)   check: modify_changes_the_interest
    loop_.modify(fd, interest);
  }

  void remove(int fd) {
    // STEP 11.1: hand it on.
    //   man: epoll_ctl(2)   check: a_callback_may_remove_itself
    loop_.remove(fd);
  }

  int run_once(std::optional<double> timeout) {
    const milliseconds longest = to_milliseconds(timeout);
    int ready = 0;
    if (async::written([&] { ready = wait(longest); })) return ready;
    return loop_.run_once(longest);
  }

  void run() {
    // STEP 11.1: run batch after batch until stop(), which may have come before.
    //   EventLoop::run() does not come back to Python between two batches, and Ctrl-C would be
    //   lost: loop here, over run_once(). stop() may be called by another thread.
    //   man: pybind11 "How can I properly handle Ctrl-C"   check: stop_before_run_is_not_lost
    while (!stopped_.exchange(false)) run_once({});
  }

  void stop() {
    // STEP 11.1: say so to run(), and wake it.
    //   man: eventfd(2)   check: stop_before_run_is_not_lost
    stopped_ = true;
    loop_.stop();
  }

 private:
  /// One batch, during which other threads may run Python.
  int wait(milliseconds longest) {
    // STEP 11.2: release the GIL for the batch; afterwards let Python handle its signals.
    //   Python's handler in C only makes a note. PyErr_CheckSignals() runs the handlers in Python;
    //   not 0 means that one has raised: throw py::error_already_set{}, which carries it on.
    //   man: signal(7)   check: other_threads_run_while_it_waits
    int ready = 0;
    {
      const py::gil_scoped_release released;
      ready = loop_.run_once(longest);
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
    return ready;
  }

  EventLoop loop_;
  std::atomic<bool> stopped_ = false;
};

/// Computes while other threads run Python.
std::uint64_t compute(unsigned n) {
  // STEP 11.5: release the GIL, and compute.
  //   Nothing of Python is touched meanwhile: `n` is a number of C++ by now.
  //   man: pybind11 "Global Interpreter Lock"   check: computes_without_the_gil
  const py::gil_scoped_release released;
  return async::fibonacci(n);
}

PYBIND11_MODULE(_loop, module) {
  async::translate_errors();
  module.doc() = "The event loop of lab 05, for Python.";
  py::class_<Loop>(module, "EventLoop", R"(Waits on many descriptors in one thread.

Level-triggered; a callback may add, modify and remove any descriptor. All but stop() belong to the
thread that runs the loop. What a callback raises comes out of run_once() and run().)")
      .def(py::init<>())
      .def("add", &Loop::add, py::arg("fd"), py::arg("interest"), py::arg("callback"),
           R"(Runs callback(events) whenever one of the events of `interest` is true for `fd`.

interest: select.EPOLLIN, select.EPOLLOUT or both; 0 for none.
Raises OSError: EBADF, EEXIST (added before), EPERM (a regular file); nothing is changed then.)")
      .def("modify", &Loop::modify, py::arg("fd"), py::arg("interest"),
           "Changes what `fd` is watched for. Raises OSError: ENOENT if it was not added.")
      .def("remove", &Loop::remove, py::arg("fd"), R"(Forgets `fd`; call it before closing it.

Raises OSError: ENOENT if it was not added, EBADF if it is closed already.)")
      .def("run_once", &Loop::run_once, py::arg("timeout") = py::none(),
           R"(Waits until a descriptor is ready and runs the callback of every one that is.

timeout: longest wait in seconds, at least; None waits for ever, 0 and less not at all.
Returns the number of descriptors that were ready, at most 64, a stop() among them; 0 when the time
has passed or a signal came. Other threads run meanwhile: the GIL is held in callbacks only.)")
      .def("run", &Loop::run, "Runs until stop(). A stop() that came before ends it at once.")
      .def("stop", &Loop::stop, "Ends run(), from any thread or from a callback.");
  module.def("fibonacci", &compute, py::arg("n"),
             R"(The n-th Fibonacci number (1, 1, 2, 3, 5 ...), by naive double recursion.

Other threads run meanwhile. Raises TypeError for what is no number that is 0 or more.)");
}
