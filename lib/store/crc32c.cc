#include "store/crc32c.h"

#include <cstring>

#include "base/check.h"

#ifdef __x86_64__

#include <dlfcn.h>
#include <nmmintrin.h>

namespace {

using ExtendFunction = std::uint32_t(std::uint32_t, const char*, std::size_t);

__attribute__((target("sse4.2"))) std::uint32_t ExtendByInstruction(std::uint32_t crc,
                                                                    const char* data,
                                                                    std::size_t size) {
  std::uint64_t state = ~crc;
  for (; size >= sizeof(state); size -= sizeof(state), data += sizeof(state)) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof(word));
    state = _mm_crc32_u64(state, word);
  }
  auto rest = static_cast<std::uint32_t>(state);
  for (; size > 0; --size, ++data) {
    rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*data));
  }
  return ~rest;
}

// RocksDB's own, which every processor can do.
ExtendFunction* OriginalExtend() {
  void* const found = dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
  GUARDWATCH_CHECK(found != nullptr);
  return reinterpret_cast<ExtendFunction*>(found);
}

}  // namespace

std::uint32_t rocksdb::crc32c::Extend(std::uint32_t crc, const char* data, std::size_t size) {
  static ExtendFunction* const extend =
      __builtin_cpu_supports("sse4.2") != 0 ? &ExtendByInstruction : OriginalExtend();
  return extend(crc, data, size);
}

#endif  // Of other processors RocksDB finds out by itself what they can do.
