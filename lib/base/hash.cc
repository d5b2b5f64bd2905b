#include "base/hash.h"

#include <bit>
#include <cstring>

namespace guardwatch {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Absorb(std::uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
  std::uint64_t Squeeze() {
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

Hash128 SipHash128(std::string_view bytes, HashSeed seed) {
  SipState state{seed.k0 ^ 0x736f6d6570736575ULL, seed.k1 ^ 0x646f72616e646f6dULL ^ 0xee,
                 seed.k0 ^ 0x6c7967656e657261ULL, seed.k1 ^ 0x7465646279746573ULL};
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    state.Absorb(word);
  }
  std::uint64_t last = std::uint64_t{bytes.size() & 0xff} << 56;
  for (std::size_t i = whole; i < bytes.size(); ++i) {
    last |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * (i - whole));
  }
  state.Absorb(last);
  state.v2 ^= 0xee;
  const std::uint64_t low = state.Squeeze();
  state.v1 ^= 0xdd;
  return {low, state.Squeeze()};
}

}  // namespace guardwatch
