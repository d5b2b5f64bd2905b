#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"

namespace guardwatch {

// A class of a guardrail in this shard, by the order in which classes were first named.
using ClassId = std::uint16_t;
inline constexpr ClassId kNoClass = 0;
inline constexpr ClassId kOtherClass = 1;  // A class without a place, or with too long a name.

// Numbers for the classes that class vectors and labels name. Labels may be any text, so there are
// few places: whoever is first has one for ever.
class ClassNames {
 public:
  static constexpr std::uint32_t kMostOfGuardrail = 64;
  static constexpr std::size_t kMost = 1 << 14;  // Of all guardrails together.

  explicit ClassNames(HashSeed seed);

  ClassId Resolve(std::string_view guardrail, std::string_view name);

  struct Entry {
    std::string guardrail;
    std::string name;
  };
  const Entry& operator[](ClassId id) const { return entries_[id]; }
  bool Holds(ClassId id) const { return id < entries_.size(); }

  // Durable state: every entry from kFirst on, and its way back, in the order of ids.
  static constexpr ClassId kFirst = kOtherClass + 1;
  std::size_t size() const { return entries_.size(); }

 private:
  const HashSeed seed_;
  boost::unordered_flat_map<Hash128, ClassId, FirstHalf> ids_;  // By guardrail and name.
  boost::unordered_flat_map<std::string, std::uint32_t> used_;  // Places by guardrail.
  std::deque<Entry> entries_;
};

}  // namespace guardwatch
