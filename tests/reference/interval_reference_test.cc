#include <string>

#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "stats/interval.h"

namespace guardwatch::reference {
namespace {

void ExpectInterval(const Case& expected, const std::string& name,
                    const std::optional<Interval>& actual) {
  ASSERT_TRUE(actual) << name;
  const auto limits = expected.List(name);
  EXPECT_NEAR(actual->low, limits[0], 1e-9) << name;
  EXPECT_NEAR(actual->high, limits[1], 1e-9) << name;
}

TEST(IntervalReferenceTest, Proportions) {
  for (const Case& expected : Read("interval.csv")) {
    const std::int64_t s = expected.Integers("s")[0];
    const std::int64_t n = expected.Integers("n")[0];
    SCOPED_TRACE(std::to_string(s) + " of " + std::to_string(n));
    ExpectInterval(expected, "wilson", WilsonInterval(s, n));
    ExpectInterval(expected, "jeffreys", JeffreysInterval(s, n));
    ExpectInterval(expected, "clopper_pearson", ClopperPearsonInterval(s, n));
    ExpectInterval(expected, "anytime", AnytimeInterval(s, n));
  }
}

// Big integers are written as (v >> 32, v & (2^32 - 1)).
Int128 Joined(const std::vector<std::int64_t>& limbs) {
  return Int128{limbs[0]} * (std::int64_t{1} << 32) + limbs[1];
}

TEST(IntervalReferenceTest, MeansOfScores) {
  for (const Case& expected : Read("mean.csv")) {
    const auto sample = SampleMeanOf(expected.Integers("n")[0], Joined(expected.Integers("sum")),
                                     Joined(expected.Integers("squares")), 0x1p-30);
    ASSERT_TRUE(sample);
    ExpectSame(expected, "mean", sample->mean);
    ExpectSame(expected, "sd", sample->sd);
    const auto half = [&](const std::optional<Interval>& interval) -> std::optional<double> {
      if (!interval) return std::nullopt;
      return (interval->high - interval->low) / 2;
    };
    ExpectSame(expected, "normal", half(NormalInterval(*sample)));
    ExpectSame(expected, "anytime", half(AnytimeMeanInterval(*sample, 250)));
  }
}

}  // namespace
}  // namespace guardwatch::reference
