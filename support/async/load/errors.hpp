// The name of an error: ECONNRESET tells more to a search than "Connection reset by peer".
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

namespace load {

/// source    strerror(3), strerrorname_np: glibc 2.32
inline std::string name_of(int error) {
  if (error == EADDRNOTAVAIL) return "EADDRNOTAVAIL (no port is free: more --sources)";
  const char* name = ::strerrorname_np(error);
  return name != nullptr ? name : "error " + std::to_string(error);
}

}  // namespace load
