#pragma once

#include <cstdint>
#include <string_view>

namespace guardwatch {

// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection on 64 bits that avalanches.
constexpr std::uint64_t Mix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bits (Fowler, Noll, Vo). Part of the outside contract of label sampling; not for hash
// tables that hold names from outside.
constexpr std::uint64_t Fnv1a64(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

// 128 bits that stand for a request of one guardrail.
struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend constexpr bool operator==(const Hash128&, const Hash128&) = default;
};

struct HashSeed {
  std::uint64_t k0 = 0x736f6d6570736575ULL;
  std::uint64_t k1 = 0x646f72616e646f6dULL;
};

// SipHash-2-4 with 128-bit output (Aumasson, Bernstein 2012): keyed, so that nobody who chooses
// request ids can choose collisions.
Hash128 SipHash128(std::string_view bytes, HashSeed seed);

// A keyed hash for tables that compare what they find: fast, and no crafted collisions without the
// seed. Words are folded in by 64 x 64 -> 128 bit products.
std::uint64_t KeyedHash64(std::string_view bytes, HashSeed seed);

}  // namespace guardwatch
