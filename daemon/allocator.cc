#include <cstddef>
#include <cstdint>

#include <jemalloc/jemalloc.h>

// How jemalloc is to be (its manual, TUNING). Few arenas: what one thread frees, mostly what came
// from Kafka, another uses soon. Memory that has been free for three seconds goes back to the
// system, large pieces no sooner than others: catching up after an outage takes much that is not
// needed afterwards. Huge pages are not asked for: they keep what is free beside what is not, half
// as much again with ten thousand cohorts.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf =
    "narenas:2,background_thread:true,dirty_decay_ms:3000,muzzy_decay_ms:0,oversize_threshold:0";
}

namespace {

// The first arena is there before jemalloc reads the last of these settings, and would give back
// every free 8 MiB that come together at once, to take them again a moment later. A jemalloc that
// has no such setting of an arena is as good as with it.
[[maybe_unused]] const bool kFirstArenaKeepsLargePieces = [] {
  std::size_t from = SIZE_MAX / 2;
  return mallctl("arena.0.oversize_threshold", nullptr, nullptr, &from, sizeof(from)) == 0;
}();

}  // namespace
