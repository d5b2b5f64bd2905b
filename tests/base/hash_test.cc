#include "base/hash.h"

#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

// The reference key 00 01 .. 0f, and inputs 00 01 .. of growing length.
constexpr HashSeed kReferenceKey{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

TEST(SipHash128Test, GivesThePublishedVectors) {
  struct Vector {
    int length;
    Hash128 hash;
  };
  constexpr std::array kVectors{Vector{0, {0xe6a825ba047f81a3ULL, 0x930255c71472f66dULL}},
                                Vector{1, {0x44af996bd8c187daULL, 0x45fc229b11597634ULL}},
                                Vector{7, {0x53c1dbd8beebf1a1ULL, 0x3982f01fa64ab8c0ULL}},
                                Vector{8, {0x61f55862baa9623bULL, 0xb49714f364e2830fULL}},
                                Vector{15, {0x11a8b03399e99354ULL, 0xd9c3cf970fec087eULL}},
                                Vector{16, {0xbb54b067caa4e26eULL, 0x77052385bf1533fdULL}},
                                Vector{63, {0x4a83502f77d15051ULL, 0x7cbd3f979a063e50ULL}}};
  for (const Vector& vector : kVectors) {
    std::string input;
    for (int i = 0; i < vector.length; ++i) input.push_back(static_cast<char>(i));
    EXPECT_EQ(SipHash128(input, kReferenceKey), vector.hash) << vector.length;
  }
}

TEST(Fnv1aTest, GivesThePublishedVectors) {
  EXPECT_EQ(Fnv1a64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(Fnv1a64("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(Fnv1a64("foobar"), 0x85944171f73967e8ULL);
}

TEST(Mix64Test, GivesTheSplitMixSequenceOfSeedZero) {
  constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15ULL;
  EXPECT_EQ(Mix64(kGamma), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(Mix64(2 * kGamma), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(Mix64(3 * kGamma), 0x06c45d188009454fULL);
}

Hash128 KeyedHashOf(const std::vector<std::string>& texts, HashSeed seed) {
  KeyedHasher hasher(seed);
  for (const std::string& text : texts) hasher.Add(text);
  return hasher.Finish();
}

TEST(KeyedHasherTest, EveryByteOfATextOfAnyLengthCounts) {
  for (const HashSeed seed : {HashSeed{}, HashSeed{0, 0}, HashSeed{~0ULL, 1}}) {
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
    std::size_t texts = 0;
    for (std::size_t size = 0; size <= 40; ++size) {
      const std::string text(size, 'x');
      for (std::size_t i = 0; i <= size; ++i, ++texts) {
        std::string changed = text;
        if (i < size) changed[i] = 'y';
        const Hash128 hash = KeyedHashOf({changed}, seed);
        seen.emplace(hash.low, hash.high);
      }
    }
    EXPECT_EQ(seen.size(), texts) << seed.k0;
  }
}

TEST(KeyedHasherTest, WhereOneTextEndsAndTheNextBeginsCounts) {
  const std::string all = "abcdefghijklmnopqrstuvwxyz";
  std::set<std::uint64_t> seen;
  for (std::size_t at = 0; at <= all.size(); ++at) {
    seen.insert(KeyedHashOf({all.substr(0, at), all.substr(at)}, HashSeed{}).low);
  }
  EXPECT_EQ(seen.size(), all.size() + 1);
}

TEST(KeyedHasherTest, NumbersAndSeedsCountWhateverTheyAre) {
  std::set<std::uint64_t> seen;
  const std::vector<std::uint64_t> numbers{0, 1, 2, ~0ULL, 1ULL << 63};
  for (const std::uint64_t x : numbers) {
    for (const std::uint64_t y : numbers) {
      for (const HashSeed seed : {HashSeed{}, HashSeed{0, 0}, HashSeed{0, 1}, HashSeed{1, 0}}) {
        KeyedHasher hasher(seed);
        hasher.Add(x, y);
        hasher.Add(y, x);
        seen.insert(hasher.Finish().low);
      }
    }
  }
  EXPECT_EQ(seen.size(), numbers.size() * numbers.size() * 4);
}

}  // namespace
}  // namespace guardwatch
