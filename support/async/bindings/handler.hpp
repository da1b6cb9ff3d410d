// A Python function as a server's handler: called by threads, and in processes, that are not
// Python's. The GIL is held just for the call.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "python_fork.hpp"

namespace bindings {

namespace py = pybind11;

/// Owns a reference to a callable(bytes) -> bytes | str. Its copies are copies of a shared_ptr:
/// only make() and the last owner's end touch the reference, and they take the GIL.
class Handler {
 public:
  using Pointer = std::shared_ptr<Handler>;

  /// throws    TypeError if it cannot be called
  static Pointer make(const py::object& function) {
    if (!PyCallable_Check(function.ptr())) {
      const std::string type = Py_TYPE(function.ptr())->tp_name;
      throw py::type_error{"the handler must be callable, not " + type};
    }
    return Pointer{new Handler{function}, [](Handler* last) {
                     const py::gil_scoped_acquire gil;
                     delete last;
                   }};
  }

  /// Calls it, from any thread that does not hold the GIL.
  ///
  /// throws    std::runtime_error if it raised or returned something else than bytes or ASCII;
  ///           sys.unraisablehook has been told what and by whom
  std::string operator()(std::string_view request) {
    const py::gil_scoped_acquire gil;
    const auto outer = std::exchange(running, this);
    std::string reply;
    const bool answered = call(request, reply);
    if (!answered) PyErr_WriteUnraisable(function_.ptr());
    if (::getpid() != home_) flush_output();
    running = outer;
    if (!answered) throw std::runtime_error{"the handler has failed"};
    return reply;
  }

  /// Whether the calling thread is inside this handler.
  bool is_running_here() const { return running == this; }

  // For Python's garbage collector, under the GIL.
  PyObject* function() const { return function_.ptr(); }
  void forget() { function_ = py::none(); }

 private:
  explicit Handler(py::object function) : function_{std::move(function)} {}

  /// Returns false with Python's error indicator set.
  bool call(std::string_view request, std::string& reply) {
    const auto size = static_cast<py::ssize_t>(request.size());
    const auto function = function_;  // stays, whatever it does
    const auto bytes = steal(PyBytes_FromStringAndSize(request.data(), size));
    auto result = steal(bytes ? PyObject_CallOneArg(function.ptr(), bytes.ptr()) : nullptr);
    if (result && PyUnicode_Check(result.ptr()))
      result = steal(PyUnicode_AsASCIIString(result.ptr()));
    if (!result) return false;
    if (!PyBytes_Check(result.ptr())) {
      PyErr_Format(PyExc_TypeError, "a handler must return bytes or str, not %s",
                   Py_TYPE(result.ptr())->tp_name);
      return false;
    }
    reply.assign(PyBytes_AS_STRING(result.ptr()),
                 static_cast<std::size_t>(PyBytes_GET_SIZE(result.ptr())));
    return true;
  }
  static py::object steal(PyObject* result) { return py::reinterpret_steal<py::object>(result); }

  static inline thread_local const Handler* running = nullptr;

  py::object function_;
  const pid_t home_ = ::getpid();
};

}  // namespace bindings
