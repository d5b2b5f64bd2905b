#include "window/aggregate.h"

#include <algorithm>

#include "window/aggregate_numbers.h"

namespace guardwatch {

Aggregate& Aggregate::operator+=(const Aggregate& other) {
  for (const auto count : kAggregateCounts) this->*count += other.*count;
  for (const auto sum : kAggregateSums) this->*sum += other.*sum;
  reliability += other.reliability;
  histogram += other.histogram;
  weighted += other.weighted;
  classes += other.classes;
  latency += other.latency;
  return *this;
}

Aggregate& Aggregate::operator-=(const Aggregate& other) {
  for (const auto count : kAggregateCounts) this->*count -= other.*count;
  for (const auto sum : kAggregateSums) this->*sum -= other.*sum;
  reliability -= other.reliability;
  histogram -= other.histogram;
  weighted -= other.weighted;
  classes -= other.classes;
  latency -= other.latency;
  return *this;
}

bool Aggregate::empty() const {
  return std::all_of(std::begin(kAggregateCounts), std::end(kAggregateCounts),
                     [&](const auto count) { return this->*count == 0; }) &&
         std::all_of(std::begin(kAggregateSums), std::end(kAggregateSums),
                     [&](const auto sum) { return this->*sum == 0; }) &&
         reliability.empty() && histogram.empty() && weighted.empty() && classes.empty() &&
         latency.empty();
}

void Aggregate::Clear() {
  for (const auto count : kAggregateCounts) this->*count = 0;
  for (const auto sum : kAggregateSums) this->*sum = 0;
  reliability.Clear();
  histogram.Clear();
  weighted.Clear();
  classes.Clear();
  latency.Clear();
}

}  // namespace guardwatch
