// The extension module asynclab._servers: what C++ has for Python beyond lab 11's event loop.
#include "module.hpp"

#include "async/python.hpp"

PYBIND11_MODULE(_servers, module) {
  async::translate_errors();
  module.doc() = "Servers and the ring of asynclab, in C++. Use them as asynclab.Server and so on.";
  bindings::add_ring(module);
  bindings::add_server(module);
}
