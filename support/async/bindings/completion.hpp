// asynclab.Completion: what became of an operation, with errors as Python's own.
#pragma once

#include <pybind11/pybind11.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "ring_operations.hpp"

namespace bindings {

namespace py = pybind11;

/// A finished operation. It holds nothing that could refer back to it: the error is made whenever
/// it is asked for, since the traceback of one that is kept leads to the frame that keeps it.
class Completion {
 public:
  explicit Completion(const Operations::Finished& finished)
      : token_{finished.first}, kind_{finished.second.kind}, result_{finished.second.result} {
    if (kind_ == Kind::timeout && result_ == -ETIME) result_ = 0;  // its time has come: no error
    if (!finished.second.brings_bytes() || result_ < 0) return;
    data_ = py::bytes{finished.second.bytes.get(), static_cast<std::size_t>(result_)};
  }

  Operations::Token token() const { return token_; }
  const char* operation() const { return name_of(kind_); }
  int result() const { return result_; }
  const py::object& data() const { return data_; }

  /// An OSError, of the subclass that belongs to the number, or None.
  py::object error() const {
    if (result_ >= 0) return py::none();
    return py::reinterpret_borrow<py::object>(PyExc_OSError)(-result_, what().what());
  }

  /// The result, if there is one. Throws what error() returns otherwise.
  int check() const {
    if (result_ < 0) throw what();
    return result_;
  }

  std::string text() const {
    std::string text = "<asynclab.Completion token=" + std::to_string(token_) +
                       " operation=" + operation() + " result=" + std::to_string(result_);
    if (!data_.is_none()) text += " data=" + std::string{py::repr(data_)};
    if (result_ < 0) text += " error=" + std::string{py::repr(error())};
    return text + ">";
  }

 private:
  std::system_error what() const {
    return std::system_error{-result_, std::generic_category(), operation()};
  }

  Operations::Token token_;
  Kind kind_;
  int result_;
  py::object data_ = py::none();
};

}  // namespace bindings
