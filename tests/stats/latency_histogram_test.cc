#include "stats/latency_histogram.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(LatencyHistogramTest, UpperBoundsAreInclusive) {
  LatencyHistogram latency;
  latency.Add(1);
  latency.Add(1.001);
  latency.Add(5000);
  latency.Add(5000.001);
  EXPECT_EQ(latency[0], 1);
  EXPECT_EQ(latency[1], 1);
  EXPECT_EQ(latency[LatencyHistogram::kBuckets - 2], 1);
  EXPECT_EQ(latency[LatencyHistogram::kBuckets - 1], 1);
  EXPECT_EQ(latency.count(), 4);
  EXPECT_EQ(latency.sum_micros(), 10'002'002);
}

TEST(LatencyHistogramTest, AChangeWhoseBucketsCancelIsNotEmpty) {
  LatencyHistogram change;
  change.Add(4);
  change.Add(6);
  change.Add(5, -1);
  change.Add(5, -1);
  EXPECT_EQ(change.count(), 0);
  EXPECT_EQ(change.sum_micros(), 0);
  EXPECT_FALSE(change.empty());
}

TEST(LatencyHistogramTest, SubtractionUndoesAddition) {
  LatencyHistogram a;
  a.Add(3);
  LatencyHistogram b;
  b.Add(700);
  LatencyHistogram sum = a;
  sum += b;
  sum -= b;
  EXPECT_EQ(sum, a);
  sum -= a;
  EXPECT_TRUE(sum.empty());
}

}  // namespace
}  // namespace guardwatch
