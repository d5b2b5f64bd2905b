#include "base/int128.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(ToDecimalTest, WritesEveryInteger) {
  EXPECT_EQ(ToDecimal(0), "0");
  EXPECT_EQ(ToDecimal(7), "7");
  EXPECT_EQ(ToDecimal(-7), "-7");
  EXPECT_EQ(ToDecimal(-1000), "-1000");
  EXPECT_EQ(ToDecimal(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(ToDecimal(Int128{1} << 64), "18446744073709551616");
  EXPECT_EQ(ToDecimal(-(Int128{1} << 100)), "-1267650600228229401496703205376");
}

TEST(ToDecimalTest, WritesTheLimitsOfTheType) {
  const Int128 half = Int128{1} << 126;
  const Int128 greatest = half - 1 + half;
  EXPECT_EQ(ToDecimal(greatest), "170141183460469231731687303715884105727");
  EXPECT_EQ(ToDecimal(-greatest - 1), "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace guardwatch
