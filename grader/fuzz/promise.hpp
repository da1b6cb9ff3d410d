// What a fuzz target promises; a promise that is broken ends the run, and the input is kept.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}
