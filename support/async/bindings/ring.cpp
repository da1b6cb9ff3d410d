// asynclab.Ring: the ring of lab 08 for Python. Operations are queued, start together, and come
// back as completions; meanwhile other threads run.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "arguments.hpp"
#include "completion.hpp"
#include "module.hpp"
#include "operation.hpp"
#include "python_ring.hpp"

namespace bindings {
namespace {

using Token = Operations::Token;

constexpr long long most_bytes = 0x7fff'f000;  // read(2), "NOTES": one call transfers no more

/// The bytes of an operation that brings some.
Operation room_for(Kind kind, const py::object& file, const py::int_& size) {
  const auto count = static_cast<unsigned>(in_range("size", size, 0, most_bytes));
  return {.kind = kind,
          .fd = descriptor(file),
          .bytes = std::make_unique_for_overwrite<char[]>(count),
          .size = count};
}

/// A copy of the bytes that an operation takes: those of Python may change or go meanwhile.
Operation copy_of(Kind kind, const py::object& file, const py::object& data) {
  Operation operation{.kind = kind, .fd = descriptor(file)};
  Py_buffer view;
  if (PyObject_GetBuffer(data.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set{};
  const std::unique_ptr<Py_buffer, decltype(&PyBuffer_Release)> release{&view, &PyBuffer_Release};
  const auto count = static_cast<std::size_t>(view.len);
  if (view.len > most_bytes) throw py::value_error{"data is longer than one operation takes"};
  operation.bytes = std::make_unique_for_overwrite<char[]>(count);
  if (count > 0) std::memcpy(operation.bytes.get(), view.buf, count);
  operation.size = static_cast<unsigned>(count);
  return operation;
}

Token nop(PythonRing& ring) { return ring.add({.kind = Kind::nop}); }

Token read(PythonRing& ring, const py::object& file, const py::int_& size, const py::int_& offset) {
  Operation operation = room_for(Kind::read, file, size);
  operation.offset = in_range("offset", offset, -1, INT64_MAX);
  return ring.add(std::move(operation));
}

Token write(PythonRing& ring, const py::object& file, const py::object& data,
            const py::int_& offset) {
  Operation operation = copy_of(Kind::write, file, data);
  operation.offset = in_range("offset", offset, -1, INT64_MAX);
  return ring.add(std::move(operation));
}

Token accept(PythonRing& ring, const py::object& file) {
  return ring.add({.kind = Kind::accept, .fd = descriptor(file)});
}

Token recv(PythonRing& ring, const py::object& file, const py::int_& size) {
  return ring.add(room_for(Kind::recv, file, size));
}

Token send(PythonRing& ring, const py::object& file, const py::object& data) {
  return ring.add(copy_of(Kind::send, file, data));
}

Token timeout(PythonRing& ring, double seconds) {
  const std::chrono::duration<double> time{seconds_in_range("seconds", seconds, 1e9)};
  return ring.add({.kind = Kind::timeout,
                   .time = timespec_of(std::chrono::ceil<std::chrono::nanoseconds>(time))});
}

Token cancel(PythonRing& ring, const py::int_& token) {
  const auto target = static_cast<Token>(in_range("token", token, 1, INT64_MAX));
  return ring.add({.kind = Kind::cancel, .target = target});
}

void add_completion(py::module_& module) {
  py::class_<Completion>(module, "Completion", "What became of one operation of a Ring.")
      .def_property_readonly("token", &Completion::token, "What the operation returned.")
      .def_property_readonly("operation", &Completion::operation, "Its name: 'recv' and so on.")
      .def_property_readonly("result", &Completion::result, R"(What the kernel returned.

Bytes for read, write, recv and send; the new descriptor, yours to close, for accept; else 0.
Negative if it failed: -errno.)")
      .def_property_readonly("data", &Completion::data, R"(The bytes that read or recv has brought.

b'' at the end of the file or connection; None if it failed, and for other operations.)")
      .def_property_readonly("error", &Completion::error, "None, or an OSError: how it failed.")
      .def("check", &Completion::check, "Returns the result, or raises the error.")
      .def("__repr__", &Completion::text);
}

void add_operations(py::class_<PythonRing>& ring) {
  using py::literals::operator""_a;
  ring.def("nop", &nop, "Does nothing, and completes.")
      .def("read", &read, "fd"_a, "size"_a, "offset"_a = -1, R"(Reads at most `size` bytes.

offset: where, in bytes from the start; -1: where the file stands, and for what has no places.)")
      .def("write", &write, "fd"_a, "data"_a, "offset"_a = -1, R"(Writes `data`, or its first part.

offset: as for read(). The bytes are copied: `data` may change afterwards.)")
      .def("accept", &accept, "fd"_a, R"(Waits for a client of a listening socket.

The result is a descriptor: socket.socket(fileno=completion.check()) owns it.)")
      .def("recv", &recv, "fd"_a, "size"_a, "Receives at most `size` bytes from a socket.")
      .def("send", &send, "fd"_a, "data"_a, R"(Sends `data`, or its first part, to a socket.

The bytes are copied. A client that has gone is a BrokenPipeError, never a signal.)")
      .def("timeout", &timeout, "seconds"_a, R"(Completes after that time, with result 0.

seconds: 0 to 1e9. Cancelled before, it fails with ECANCELED.)")
      .def("cancel", &cancel, "token"_a,
           R"(Asks an operation to end, which then fails with ECANCELED.

Itself it fails with ENOENT if the operation is not in flight (any more), and with EALREADY if it
cannot be stopped now.)");
}

constexpr const char* ring_doc = R"(An io_uring: operations complete while the program goes on.

Every operation returns a token, a number that its completion carries. Nothing is submitted before
submit() or wait(). Descriptors may be given as numbers or as objects with fileno(). Sockets should
be blocking ones, as Python makes them: on others an operation fails with EAGAIN instead of waiting.
More operations may be under way than the ring has places. A ring belongs to the thread that made it
(RuntimeError elsewhere). close(), or the end of a with-statement, cancels what is in flight.

Raises OSError where io_uring is switched off, NotImplementedError for a ring still to be written.
After close() every operation raises ValueError. See io_uring(7).)";

}  // namespace

void add_ring(py::module_& module) {
  add_completion(module);
  py::class_<PythonRing> ring{module, "Ring", ring_doc};
  ring.def(py::init<>());
  add_operations(ring);
  ring.def("submit", &PythonRing::submit, R"(Starts what is queued, without waiting.

Returns how many operations that were.)")
      .def("wait", &PythonRing::wait, py::arg("timeout") = py::none(),
           R"(Starts what is queued, and waits until something completes.

timeout: the longest wait in seconds; None waits for ever, 0 not at all.
Returns a list of all completions that are there: empty when the time has passed, or at once when
nothing is under way. Other threads run meanwhile. A signal's handler runs, and may raise; if it does
not, the wait goes on (PEP 475).)")
      .def("close", &PythonRing::close, R"(Cancels what is in flight and lets go of the ring.

Completions that nobody has taken are lost; descriptors that they hold are closed. May be repeated.)")
      .def_property_readonly("closed", &PythonRing::closed)
      .def_property_readonly("in_flight", &PythonRing::in_flight,
                             "Operations, queued ones too, that wait() has not returned yet.")
      .def("__enter__", [](py::object self) { return self; })
      .def("__exit__", [](PythonRing& self, const py::args&) { self.close(); })
      .def("__repr__", &PythonRing::text);
}

}  // namespace bindings
