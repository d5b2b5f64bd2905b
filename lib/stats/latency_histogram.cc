#include "stats/latency_histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace guardwatch {
namespace {

constexpr double kLongestMillis = 86'400'000;  // A day: what is longer counts as a day in the sum.

}  // namespace

void LatencyHistogram::Add(double millis, int sign) {
  if (buckets_.empty()) buckets_.resize(kBuckets);
  const auto upper = std::lower_bound(kUpperMillis.begin(), kUpperMillis.end(), millis);
  buckets_[static_cast<std::size_t>(upper - kUpperMillis.begin())] += sign;
  sum_micros_ +=
      sign * static_cast<std::int64_t>(std::llround(std::min(millis, kLongestMillis) * 1000.0));
}

void LatencyHistogram::Set(int bucket, std::int64_t count) {
  buckets_.resize(kBuckets);
  buckets_[static_cast<std::size_t>(bucket)] = count;
}

std::int64_t LatencyHistogram::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), std::int64_t{0});
}

bool LatencyHistogram::empty() const {
  return sum_micros_ == 0 &&
         std::all_of(buckets_.begin(), buckets_.end(), [](std::int64_t n) { return n == 0; });
}

void LatencyHistogram::Clear() {
  std::fill(buckets_.begin(), buckets_.end(), 0);
  sum_micros_ = 0;
}

LatencyHistogram& LatencyHistogram::Combine(const LatencyHistogram& other, int sign) {
  if (other.buckets_.empty()) return *this;
  if (buckets_.empty()) buckets_.resize(kBuckets);
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += sign * other.buckets_[i];
  sum_micros_ += sign * other.sum_micros_;
  return *this;
}

bool operator==(const LatencyHistogram& a, const LatencyHistogram& b) {
  for (int i = 0; i < LatencyHistogram::kBuckets; ++i) {
    if (a[i] != b[i]) return false;
  }
  return a.sum_micros_ == b.sum_micros_;
}

}  // namespace guardwatch
