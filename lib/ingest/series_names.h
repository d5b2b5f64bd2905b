#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

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
  explicit SeriesNames(const SourceOptions& source);

  // `category` stands in for the event's own: class vectors have one series set per class.
  SeriesSet Resolve(const Event& event, std::string_view category);

  // Puts __other__ in the place of every cohort value of the event.
  void FoldSlices(const Event& event, SeriesSet& set);

  const UnitInfo& unit(UnitId id) const { return units_[id]; }
  const GuardrailSettings& SettingsOf(std::string_view guardrail, std::string_view category) {
    return units_[InternUnit(guardrail, category)].settings;
  }

  // Definitions made since the last call.
  std::vector<SeriesDefinition> TakeNewSeries();
  // Names that a full table sent to __other__, in all and since the last call.
  std::int64_t folded() const { return folded_; }
  std::int64_t TakeFolded();

  // Durable state: every definition so far, and its way back, in the order of ids and before any
  // event. Restored definitions count as new, so that the monitor learns them again.
  const std::deque<SeriesDefinition>& definitions() const { return definitions_; }
  bool Restore(const SeriesDefinition& definition);  // False: not the next id, or a repeated key.
  // The unit that a defined series belongs to.
  UnitId unit_of(SeriesId series) const { return unit_of_[series]; }

 private:
  UnitId InternUnit(std::string_view guardrail, std::string_view category);
  SeriesId InternSeries(UnitId unit, std::string_view version, Variant variant,
                        std::string_view dimension, std::string_view value);
  std::string_view AdmitVersion(UnitId unit, std::string_view version);
  std::string_view AdmitValue(std::size_t dimension, const CohortValue& value);

  using NameMap = boost::unordered_flat_map<std::string, std::uint32_t>;

  const SourceOptions& source_;
  const std::vector<std::string> dimensions_;
  std::deque<UnitInfo> units_;
  NameMap unit_ids_;
  NameMap series_ids_;
  std::vector<NameMap> versions_;  // Per unit.
  std::vector<NameMap> values_;    // Per dimension.
  std::deque<SeriesDefinition> definitions_;
  std::vector<UnitId> unit_of_;  // By series.
  std::size_t taken_ = 0;        // Definitions that TakeNewSeries has handed out.
  std::int64_t folded_ = 0;
  std::int64_t folded_taken_ = 0;
};

}  // namespace guardwatch
