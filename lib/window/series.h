#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "event/event.h"

namespace guardwatch {

// What takes the place of a name that is beyond its cap or too long, and of an absent cohort value.
inline constexpr std::string_view kOther = "__other__";
inline constexpr std::string_view kNone = "__none__";
inline constexpr std::string_view kTopLabel = "__top__";  // Category of a class vector's top label.

// One guardrail category of one source: the thing that is monitored, alerted on, and configured.
struct UnitKey {
  std::string source;
  std::string guardrail;
  std::string category;  // Empty if the events carry none.
  friend auto operator<=>(const UnitKey&, const UnitKey&) = default;
};

// The whole, or one `dimension=value` of a configured cohort dimension.
struct Slice {
  std::string dimension;  // Empty: the whole.
  std::string value;
  bool whole() const { return dimension.empty(); }
  friend auto operator<=>(const Slice&, const Slice&) = default;
};

struct SeriesKey {
  UnitKey unit;
  std::string model_version;
  Variant variant = Variant::kLive;
  Slice slice;
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

}  // namespace guardwatch
