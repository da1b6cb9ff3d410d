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
  // TODO(11.1): turn seconds into milliseconds, rounded up.
  //   -1 waits for ever, 0 does not wait: a negative time-out has passed already. The loop hands
  //   the number on as an int; who asks for more than INT_MAX may be woken early.
  //   man: epoll_wait(2) "timeout"   check: never_wakes_too_early
  async::todo("11.1");
}

/// A callback that may be copied, run and dropped by a thread that does not hold the GIL.
EventLoop::Callback without_gil(py::function function) {
  // TODO(11.2): take the GIL to run the Python function, and to drop the last reference to it.
  //   To copy a py::function is to touch its count of references, and to drop the last one runs
  //   Python code. A shared_ptr can be copied by anybody, and takes a deleter of your own.
  //   man: pybind11 "Global Interpreter Lock"   check: a_callback_is_dropped_under_the_gil
  async::todo("11.2");
}

/// The EventLoop as Python sees it.
class Loop {
 public:
  void add(int fd, std::uint32_t interest, py::function function) {
    EventLoop::Callback callback = [function](std::uint32_t events) { function(events); };
    async::written([&] { callback = without_gil(function); });
    // TODO(11.1): hand it on.
    //   What EventLoop throws arrives in Python as an OSError: see async/python.hpp.
    //   man: epoll_ctl(2)   check: runs_the_callback_of_a_ready_descriptor
    async::todo("11.1");
  }

  void modify(int fd, std::uint32_t interest) {
    // TODO(11.1): hand it on.
    //   man: epoll_ctl(2)   check: modify_changes_the_interest
    async::todo("11.1");
  }

  void remove(int fd) {
    // TODO(11.1): hand it on.
    //   man: epoll_ctl(2)   check: a_callback_may_remove_itself
    async::todo("11.1");
  }

  int run_once(std::optional<double> timeout) {
    const milliseconds longest = to_milliseconds(timeout);
    int ready = 0;
    if (async::written([&] { ready = wait(longest); })) return ready;
    return loop_.run_once(longest);
  }

  void run() {
    // TODO(11.1): run batch after batch until stop(), which may have come before.
    //   EventLoop::run() does not come back to Python between two batches, and Ctrl-C would be
    //   lost: loop here, over run_once(). stop() may be called by another thread.
    //   man: pybind11 "How can I properly handle Ctrl-C"   check: stop_before_run_is_not_lost
    async::todo("11.1");
  }

  void stop() {
    // TODO(11.1): say so to run(), and wake it.
    //   man: eventfd(2)   check: stop_before_run_is_not_lost
    async::todo("11.1");
  }

 private:
  /// One batch, during which other threads may run Python.
  int wait(milliseconds longest) {
    // TODO(11.2): release the GIL for the batch; afterwards let Python handle its signals.
    //   Python's handler in C only makes a note. PyErr_CheckSignals() runs the handlers in Python;
    //   not 0 means that one has raised: throw py::error_already_set{}, which carries it on.
    //   man: signal(7)   check: other_threads_run_while_it_waits
    async::todo("11.2");
  }

  EventLoop loop_;
  std::atomic<bool> stopped_ = false;
};

/// Computes while other threads run Python.
std::uint64_t compute(unsigned n) {
  // TODO(11.5): release the GIL, and compute.
  //   Nothing of Python is touched meanwhile: `n` is a number of C++ by now.
  //   man: pybind11 "Global Interpreter Lock"   check: computes_without_the_gil
  async::todo("11.5");
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
