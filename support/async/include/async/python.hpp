// Errors of C++ as Python's own: what crosses the border arrives as the class that Python expects.
#pragma once

#include <pybind11/pybind11.h>

#include <exception>
#include <system_error>

#include "async/todo.hpp"

namespace async {

/// Raises `error` as OSError, which Python turns into its subclass by errno: EPERM into
/// PermissionError, ENOENT into FileNotFoundError. The text still names the call.
inline void raise_oserror(const std::system_error& error) {
  const auto arguments = pybind11::make_tuple(error.code().value(), error.what());
  PyErr_SetObject(PyExc_OSError, arguments.ptr());
}

/// Makes this module's functions raise OSError for std::system_error, and NotImplementedError for a
/// step still to be written. pybind11 itself knows the exceptions of <stdexcept>.
inline void translate_errors() {
  pybind11::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Todo& missing) {
      PyErr_SetString(PyExc_NotImplementedError, missing.what());
    } catch (const std::system_error& error) {
      raise_oserror(error);
    }
  });
}

}  // namespace async
