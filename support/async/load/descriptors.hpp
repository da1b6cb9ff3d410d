// A descriptor for each connection: the limit is raised as far as this user may.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "async/check.hpp"

namespace load {

/// Makes room for `needed` descriptors.
///
/// throws    std::runtime_error, with both numbers, if the limit cannot be raised that far.
/// source    getrlimit(2), RLIMIT_NOFILE: the soft limit may go up to the hard one, which only root
///           raises, up to fs.nr_open (proc(5)).
inline void make_room(rlim_t needed) {
  rlimit limit{};
  async::check("getrlimit", ::getrlimit(RLIMIT_NOFILE, &limit));
  if (limit.rlim_cur >= needed) return;
  rlimit wanted{.rlim_cur = needed, .rlim_max = std::max(needed, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
  throw std::runtime_error{"so many connections need " + std::to_string(needed) +
                           " descriptors, and RLIMIT_NOFILE allows " +
                           std::to_string(limit.rlim_max) +
                           ": ask for fewer, or raise it (ulimit -Hn, as root)"};
}

}  // namespace load
