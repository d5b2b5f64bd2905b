#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/int128.h"

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

constexpr std::uint64_t FoldedProduct(std::uint64_t a, std::uint64_t b) {
  const UInt128 product = static_cast<UInt128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// SipHash-2-4 with 128-bit output (Aumasson, Bernstein 2012): keyed, so that nobody who chooses
// request ids can choose collisions.
Hash128 SipHash128(std::string_view bytes, HashSeed seed);

// A keyed hash of a sequence of texts and numbers, 128 bits: two different ones meet by chance
// alone, and nobody can make them meet without the seed. Words are folded in by 64 x 64 -> 128 bit
// products, twice, with multipliers that depend on the seed.
class KeyedHasher {
 public:
  // Of any seed, all zeros included, no part is zero.
  explicit KeyedHasher(HashSeed seed)
      : a_(Mix64(seed.k0 + 0x9e3779b97f4a7c15ULL)),
        b_(Mix64(seed.k1 + 0xd1b54a32d192ed03ULL)),
        key_{Mix64(a_ ^ seed.k1), Mix64(b_ ^ seed.k0)} {}

  void Add(std::uint64_t x, std::uint64_t y) {
    a_ = FoldedProduct(a_ ^ x, key_.k1 ^ y);
    b_ = FoldedProduct(b_ ^ y, std::rotl(key_.k0, 32) ^ x) + a_;
  }
  // Its length is part of it, so that where one text ends and the next begins makes a difference.
  void Add(std::string_view text) {
    a_ += (text.size() + 1) * 0x9e3779b97f4a7c15ULL;
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left > 16; left -= 16, at += 16) Add(Word(at), Word(at + 8));
    if (left >= 8) {
      Add(Word(at), Word(at + left - 8));
    } else {
      Add(ShortWord(at, left), 0);
    }
  }
  Hash128 Finish() const { return {Mix64(a_ ^ key_.k1), Mix64(b_ ^ key_.k0)}; }

 private:
  static std::uint64_t Word(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
  }

  // All of up to seven bytes; which of them are read twice follows from how many there are.
  static std::uint64_t ShortWord(const char* at, std::size_t size) {
    const auto byte = [&](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(at[i])};
    };
    if (size == 0) return 0;
    if (size < 4) return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::memcpy(&first, at, sizeof(first));
    std::memcpy(&last, at + size - sizeof(last), sizeof(last));
    return first | std::uint64_t{last} << 32;
  }

  std::uint64_t a_;
  std::uint64_t b_;
  const HashSeed key_;
};

// For tables by a hash that is as good as random already.
struct FirstHalf {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

}  // namespace guardwatch
