#pragma once

#include <cstddef>

namespace guardwatch {

inline constexpr std::size_t kCacheLine = 64;  // Bytes.

// Asks the processor for the first `lines` cache lines of what will be read soon.
inline void Prefetch(const void* memory, int lines = 1) {
  const char* at = static_cast<const char*>(memory);
  for (int i = 0; i < lines; ++i, at += kCacheLine) {
    __builtin_prefetch(at);
    // GCC takes a function that does no more for one without any effect, and leaves out its calls.
    asm volatile("" : : "r"(at));
  }
}

}  // namespace guardwatch
