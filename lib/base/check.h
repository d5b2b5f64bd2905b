#pragma once

#include <cstdio>
#include <cstdlib>

// A broken invariant is our bug, never the input's: say where and stop, in release builds too.
#define GUARDWATCH_CHECK(condition)                                                          \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
