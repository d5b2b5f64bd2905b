#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"
#include "event/event.h"
#include "ingest/guardrail_settings.h"
#include "window/batch.h"
#include "window/series.h"

// Turns the names on an event into small numbers that mean the same series for ever. Bounded:
// beyond a generous multiple of the process-wide caps (which the monitor enforces), new names
// become
// __other__ right here.

namespace guardwatch {

using UnitId = std::uint32_t;

struct UnitInfo {
  std::string guardrail;
  std::string category;
  GuardrailSettings settings;
};

// The series that one event counts in.
struct SeriesSet {
  UnitId unit = 0;
  std::uint8_t slice_count = 0;
  SeriesId whole = 0;
  std::array<SeriesId, kMaxDimensions> slices{};
};

class SeriesNames {
 public:
  SeriesNames(const SourceOptions& source, HashSeed seed);

  // `category` stands in for the event's own: class vectors have one series set per class. The
  // reference is valid until the next call.
  const SeriesSet& Resolve(const Event& event, std::string_view category);

  const UnitInfo& unit(UnitId id) const { return units_[id]; }

  // Definitions made since the last call.
  std::vector<SeriesDefinition> TakeNewSeries();
  // Events that a full table sent to __other__ since the last call.
  std::int64_t TakeFolded();

 private:
  UnitId InternUnit(std::string_view guardrail, std::string_view category);
  SeriesId InternSeries(UnitId unit, std::string_view version, Variant variant,
                        std::string_view dimension, std::string_view value);
  std::string_view AdmitVersion(UnitId unit, std::string_view version);
  std::string_view AdmitValue(std::size_t dimension, const CohortValue& value);
  SeriesSet Build(const Event& event, std::string_view category);

  using NameMap = boost::unordered_flat_map<std::string, std::uint32_t>;

  const SourceOptions& source_;
  const HashSeed seed_;
  const std::vector<std::string> dimensions_;
  std::string scratch_;

  struct HashOfHash {
    std::size_t operator()(const Hash128& h) const { return h.low; }
  };
  boost::unordered_flat_map<Hash128, SeriesSet, HashOfHash> sets_;  // A cache; emptied when full.
  SeriesSet uncached_;
  std::deque<UnitInfo> units_;
  NameMap unit_ids_;
  NameMap series_ids_;
  std::vector<NameMap> versions_;  // Per unit.
  std::vector<NameMap> values_;    // Per dimension.
  std::vector<SeriesDefinition> new_series_;
  std::int64_t folded_ = 0;
};

}  // namespace guardwatch
