#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace guardwatch {

// How long the guardrail took, in fixed buckets. Takes no memory beyond a pointer until the first
// event that says.
class LatencyHistogram {
 public:
  // Upper bounds in milliseconds, inclusive; a last bucket holds the rest.
  static constexpr std::array<double, 12> kUpperMillis{1,   2.5, 5,   10,   25,   50,
                                                       100, 250, 500, 1000, 2500, 5000};
  static constexpr int kBuckets = static_cast<int>(kUpperMillis.size()) + 1;

  void Add(double millis, int sign = 1);
  void Set(int bucket, std::int64_t count);
  void SetSum(std::int64_t micros) { sum_micros_ = micros; }

  std::int64_t operator[](int bucket) const {
    return buckets_.empty() ? 0 : buckets_[static_cast<std::size_t>(bucket)];
  }
  std::int64_t count() const;
  std::int64_t sum_micros() const { return sum_micros_; }
  bool empty() const;  // Every bucket and the sum are zero.
  void Clear();

  LatencyHistogram& operator+=(const LatencyHistogram& other) { return Combine(other, 1); }
  LatencyHistogram& operator-=(const LatencyHistogram& other) { return Combine(other, -1); }
  friend bool operator==(const LatencyHistogram& a, const LatencyHistogram& b);

 private:
  LatencyHistogram& Combine(const LatencyHistogram& other, int sign);

  std::vector<std::int64_t> buckets_;  // Empty or kBuckets long.
  std::int64_t sum_micros_ = 0;
};

}  // namespace guardwatch
