// fork(2) in a process that runs Python, for a server that makes a process for every client.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <cerrno>

namespace bindings {

namespace py = pybind11;

/// Writes out what has been printed; under the GIL.
inline void flush_output() {
  for (const char* name : {"stdout", "stderr"}) {
    PyObject* file = PySys_GetObject(name);  // borrowed
    if (file == nullptr || file == Py_None) continue;
    PyObject* result = PyObject_CallMethod(file, "flush", nullptr);
    result ? Py_DECREF(result) : PyErr_Clear();  // a closed one has nothing to write
  }
}

/// fork(2) for a process that runs Python: takes the GIL, so that no thread is halfway through an
/// object; runs what os.fork() runs before and after; and leaves nothing to be printed twice.
/// Afterwards the child has one thread, the calling one, and Python knows it.
///
/// source    the Python/C API, PyOS_BeforeFork() and the two that follow
struct PythonFork {
  pid_t operator()() const {
    const py::gil_scoped_acquire gil;
    flush_output();
    PyOS_BeforeFork();
    const pid_t pid = ::fork();
    const int error = errno;
    pid == 0 ? after_in_child() : PyOS_AfterFork_Parent();
    errno = error;
    return pid;
  }

 private:
  /// The thread keeps its state of Python for good: it is the main thread now, and Python 3.11 can
  /// make no other once its last one has gone ("thread state already initialized").
  static void after_in_child() {
    PyOS_AfterFork_Child();
    PyGILState_Ensure();  // never released: the child ends by _exit(2)
  }
};

}  // namespace bindings
