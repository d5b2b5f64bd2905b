#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "detect/baseline.h"
#include "detect/dispersion.h"
#include "stats/reliability.h"

namespace guardwatch {

using BinCounts = std::array<Count, kReliabilityBins>;

// How often scores of each bin are positive, as it is normally.
struct CalibrationBaseline {
  Duration pane_width = kPaneWidth;
  BinCounts bins{};        // Labels of the reference, and the positive ones of them.
  PaneIndex first = 0;     // Of the panes that it was learned from,
  std::int64_t panes = 0;  // from the first to the last.
  double dispersion = 1;   // phi of panes, over all bins.
  double tempering = 1.25;

  std::int64_t Labels() const;
  friend bool operator==(const CalibrationBaseline&, const CalibrationBaseline&) = default;
};

// Learns it from panes, in order.
class CalibrationLearner {
 public:
  explicit CalibrationLearner(const BaselineOptions& options) : options_(options) {}

  void Add(PaneIndex pane, const BinCounts& counts);

  // As those of BaselineLearner.
  std::optional<std::string> Missing() const;
  CalibrationBaseline Learn() const;  // From what there is; at least one pane.
  bool Any() const { return first_.has_value(); }
  bool EnoughToTake() const { return Labels() >= options_.fewest_events; }

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  std::int64_t Labels() const;

  BaselineOptions options_;
  std::array<BlockSums, kReliabilityBins> bins_;
  std::optional<PaneIndex> first_;
  PaneIndex last_ = 0;
};

void WriteCalibrationBaseline(ByteWriter& out, const CalibrationBaseline& baseline);
CalibrationBaseline ReadCalibrationBaseline(ByteReader& in);

}  // namespace guardwatch
