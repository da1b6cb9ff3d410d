// The parts of the extension module `_servers`; each puts its classes into it.
#pragma once

#include <pybind11/pybind11.h>

namespace bindings {

void add_ring(pybind11::module_& module);    // ring.cpp: Ring, Completion
void add_server(pybind11::module_& module);  // servers.cpp: Server, Statistics

}  // namespace bindings
