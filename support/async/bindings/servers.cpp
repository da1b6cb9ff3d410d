// asynclab.Server: the request-reply servers of support/async/cpp for Python, with the handler in
// C++ or in Python.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "module.hpp"
#include "python_server.hpp"

namespace bindings {
namespace {

constexpr std::array models{"sync", "processes", "threads", "async", "io_uring"};
constexpr double longest_wait = 86'400;  // our choice: a day

std::unique_ptr<PythonServer> make(std::string model, const py::object& handler,
                                   const py::int_& port, double wait, const py::int_& limit,
                                   bool inline_computation, const py::int_& workers) {
  if (std::ranges::find(models, std::string_view{model}) == models.end()) {
    throw py::value_error{"no model '" + model + "': sync, processes, threads, async, io_uring"};
  }
  const std::chrono::duration<double> time{seconds_in_range("wait", wait, longest_wait)};
  Settings settings{.model = std::move(model),
                    .handler = handler.is_none() ? nullptr : Handler::make(handler),
                    .port = static_cast<std::uint16_t>(in_range("port", port, 0, 65'535)),
                    .wait = std::chrono::ceil<std::chrono::milliseconds>(time),
                    .limit = static_cast<unsigned>(in_range("limit", limit, 0, 92)),
                    .options = {}};
  settings.options.inline_computation = inline_computation;
  settings.options.workers = static_cast<unsigned>(in_range("workers", workers, 0, 10'000));
  return std::make_unique<PythonServer>(std::move(settings));
}

/// The server inside a Python object, or null while it is not made yet, or no longer there.
PythonServer* server_in(PyObject* object) {
  auto* instance = reinterpret_cast<py::detail::instance*>(object);
  const auto value = instance->get_value_and_holder();
  return value.holder_constructed() ? value.value_ptr<PythonServer>() : nullptr;
}

/// Lets the garbage collector see the handler: `self.server = Server("sync", self.answer)` is a
/// cycle. The server stops (tp_finalize) before anything that it may use is taken apart (tp_clear).
///
/// source    the Python/C API, "Supporting Cyclic Garbage Collection"
void support_collection(PyHeapTypeObject* heap_type) {
  PyTypeObject* type = &heap_type->ht_type;
  type->tp_flags |= Py_TPFLAGS_HAVE_GC;
  type->tp_traverse = [](PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    const PythonServer* server = server_in(self);
    if (server && server->settings().handler) Py_VISIT(server->settings().handler->function());
    return 0;
  };
  type->tp_finalize = [](PyObject* self) {
    if (PythonServer* server = server_in(self)) server->end();
  };
  type->tp_clear = [](PyObject* self) {
    const PythonServer* server = server_in(self);
    if (server && server->settings().handler) server->settings().handler->forget();
    return 0;
  };
}

/// A named tuple, so that it can be compared, unpacked and printed. It lives as long as the module.
py::handle add_statistics(py::module_& module) {
  py::object type = py::module_::import("collections")
                        .attr("namedtuple")("Statistics", "connections requests failures");
  type.attr("__module__") = "asynclab";
  type.attr("__doc__") =
      "What a Server counts: connections accepted, requests answered, and of those how many with\n"
      "`error` because the handler had failed.";
  module.attr("Statistics") = type;
  return type.release();
}

constexpr const char* server_doc = R"(A request-reply server in C++, in a thread of its own.

A connection brings one request, at most 256 bytes, gets one reply and is closed.

model: 'sync' one client after the other; 'processes' and 'threads' one for every client; 'async' an
    epoll loop (lab 05), 'io_uring' a ring (lab 08), both with a pool of threads that compute.
handler: callable(bytes) -> bytes or str (ASCII). It runs in the server's threads, with the GIL, or
    in a process forked for one client. If it raises, the client gets `error`, statistics.failures
    counts it, and sys.unraisablehook is told. None: Fibonacci numbers, in C++.
port: on 127.0.0.1; 0 lets the kernel choose.
wait: seconds that every request waits before it is handled, as if a data base were asked. It blocks
    what a model has for a client: everybody, a process, a thread, or nothing but a timer.
limit: the largest number that None computes, 0 to 92.
inline: compute in the loop's own thread ('async', 'io_uring').
workers: threads of the pool ('async', 'io_uring'); 0: one a CPU.

It is stopped by stop(), by the end of a with-statement, when it is garbage, or at Python's exit.
Raises ValueError and TypeError for wrong arguments.)";

}  // namespace

void add_server(py::module_& module) {
  using py::literals::operator""_a;
  const py::handle statistics = add_statistics(module);
  py::class_<PythonServer>(module, "Server", server_doc, py::custom_type_setup{support_collection})
      .def(py::init(&make), "model"_a, "handler"_a = py::none(), py::kw_only(), "port"_a = 0,
           "wait"_a = 0.0, "limit"_a = 34, "inline"_a = false, "workers"_a = 0)
      .def(
          "start",
          [](py::object self) {
            self.cast<PythonServer&>().start();
            return self;
          },
          R"(Listens, and serves in the background. Returns the server.

Raises OSError: EADDRINUSE for a port in use, EPERM or ENOSYS where io_uring is switched off;
NotImplementedError for a loop or ring still to be written; RuntimeError if it was started before.)")
      .def("stop", &PythonServer::stop, R"(Accepts nobody any more; returns when all has ended.

Requests that have come are answered if that takes no more than 2 s; a handler that runs longer is
waited for, but in a process it is killed. May be repeated, from any thread; in a child of os.fork()
it does nothing. Raises what has ended the server before; RuntimeError in the server's own handler.)")
      .def_property_readonly("model",
                             [](const PythonServer& self) { return self.settings().model; })
      .def_property_readonly("port", &PythonServer::port, "Where it listens, once it is started.")
      .def_property_readonly(
          "statistics",
          [statistics](const PythonServer& self) {
            const async::Statistics now = self.statistics();
            return statistics(now.connections, now.requests, now.failures);
          },
          "Statistics(connections, requests, failures), up to now.")
      .def("__enter__",
           [](py::object self) {
             self.cast<PythonServer&>().start_if_needed();
             return self;
           })
      .def("__exit__", [](PythonServer& self, const py::args&) { self.stop(); })
      .def("__repr__", &PythonServer::text);
  py::module_::import("atexit").attr("register")(py::cpp_function{&PythonServer::stop_all});
}

}  // namespace bindings
