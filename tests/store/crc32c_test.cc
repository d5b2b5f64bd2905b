#include "store/crc32c.h"

#include <cstdint>
#include <dlfcn.h>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using rocksdb::crc32c::Extend;

std::uint32_t Sum(std::string_view text) { return Extend(0, text.data(), text.size()); }

// Bit by bit, from the polynomial.
std::uint32_t SumByDefinition(std::string_view text) {
  std::uint32_t state = ~0u;
  for (const char c : text) {
    state ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~state;
}

std::string Random(std::size_t size, std::mt19937_64& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Crc32cTest, GivesThePublishedValues) {
  // RFC 3720, appendix B.4; the check value of the catalogue of parametrised CRC algorithms.
  EXPECT_EQ(Sum(""), 0u);
  EXPECT_EQ(Sum("123456789"), 0xe3069283u);
  EXPECT_EQ(Sum(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Sum(std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending.push_back(c);
  EXPECT_EQ(Sum(ascending), 0x46dd794eu);
}

TEST(Crc32cTest, IsThatOfTheDefinitionAtEveryLengthAndPlace) {
  std::mt19937_64 random(7);
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text = Random(size + 8, random);
    for (std::size_t from = 0; from < 8; ++from) {
      const std::string_view part = std::string_view(text).substr(from, size);
      EXPECT_EQ(Sum(part), SumByDefinition(part)) << size << " from " << from;
    }
  }
}

TEST(Crc32cTest, GoesOnFromWhereASumEnded) {
  std::mt19937_64 random(11);
  const std::string text = Random(100, random);
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const std::uint32_t first = Sum(text.substr(0, at));
    EXPECT_EQ(Extend(first, text.data() + at, text.size() - at), Sum(text)) << at;
  }
}

TEST(Crc32cTest, StandsInFrontOfRocksDb) {
#ifdef __x86_64__
  void* const found = dlsym(RTLD_DEFAULT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
  EXPECT_EQ(found, reinterpret_cast<void*>(&Extend));
  void* const original = dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
  ASSERT_NE(original, nullptr);
  EXPECT_NE(original, found);
  const std::string text = "a checkpoint of before";
  const auto theirs =
      reinterpret_cast<std::uint32_t (*)(std::uint32_t, const char*, std::size_t)>(original);
  EXPECT_EQ(theirs(0, text.data(), text.size()), Sum(text));
#endif
}

}  // namespace
}  // namespace guardwatch
