// Arguments from Python: checked here, so that a wrong one is named instead of wrapped around.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace bindings {

namespace py = pybind11;

/// Returns `value` as a number from `least` to `most`.
///
/// throws    ValueError that names the argument; TypeError, from the caller, for what is no int
inline long long in_range(const char* name, const py::int_& value, long long least,
                          long long most) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (PyErr_Occurred()) throw py::error_already_set{};
  if (overflow == 0 && number >= least && number <= most) return number;
  throw py::value_error{std::string{name} + " must be " + std::to_string(least) + " to " +
                        std::to_string(most)};
}

/// Returns a number of seconds that is 0 or more and at most `most`.
inline double seconds_in_range(const char* name, double seconds, double most) {
  if (seconds >= 0 && seconds <= most) return seconds;  // false for NaN as well
  throw py::value_error{std::string{name} + " must be 0 to " +
                        std::to_string(static_cast<long long>(most)) + " seconds"};
}

/// The descriptor of a number or of whatever has a fileno(), a socket for example.
///
/// throws    TypeError for anything else; ValueError for what has been closed
/// source    the Python/C API, PyObject_AsFileDescriptor()
inline int descriptor(const py::object& file) {
  const int fd = PyObject_AsFileDescriptor(file.ptr());
  if (fd < 0) throw py::error_already_set{};
  return fd;
}

}  // namespace bindings
