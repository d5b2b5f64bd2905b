#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "detect/baseline.h"
#include "detect/e_factors.h"
#include "window/pane.h"

namespace guardwatch {

// What normal is for the mean of a non-negative quantity per event, such as a loss: learned once,
// then fixed.
struct MeanBaseline {
  // Blocks of so many panes: burstiness shows in the first, slow fluctuation in the second.
  static constexpr std::array<int, 2> kScales{1, 6};

  Duration pane_width = kPaneWidth;
  std::int64_t n = 0;
  PaneIndex first = 0;
  std::int64_t panes = 0;  // From the first to the last.
  double mean = 0;
  double sd = 0;          // Of single values.
  double dispersion = 1;  // phi of panes: how much more their means vary than independent values'.
  double slow_sd = 0;     // Relative, of the mean itself.
  double tempering = 1.25;
  double tolerance = 0.10;
  double limit = 0;  // Means up to here count as unchanged. > 0.

  double EventsPerDay() const;
  friend bool operator==(const MeanBaseline&, const MeanBaseline&) = default;
};

// Learns it from panes, in order.
class MeanLearner {
 public:
  // Of `options` the numbers that are needed, tolerance and tempering; slots are not kept for
  // means. `least_margin`: the limit is at least so much above the mean.
  explicit MeanLearner(const BaselineOptions& options, double least_margin = 0);

  void Add(PaneIndex pane, std::span<const WeightedValue> values);

  // As those of BaselineLearner.
  std::optional<std::string> Missing() const;
  MeanBaseline Learn() const;  // From what there is; at least one value.
  bool Any() const { return n_ > 0; }
  bool EnoughToTake() const;  // To be taken as it is: fewest_events, in two panes.

  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  struct Block {
    std::int64_t n = 0;
    double sum = 0;
  };
  struct Scale {
    std::int64_t blocks = 0;
    double sum_squared_per_n = 0;  // Sum over closed blocks of sum^2 / n.
    Block open;
    std::int64_t index = 0;
    void Close();
  };
  double Dispersion(Scale scale, double mean, double variance) const;

  BaselineOptions options_;
  double least_margin_;
  std::int64_t n_ = 0;
  double sum_ = 0;
  double sum_squared_ = 0;
  std::optional<PaneIndex> first_;
  PaneIndex last_ = 0;
  std::array<Scale, MeanBaseline::kScales.size()> scales_;
};

void WriteMeanBaseline(ByteWriter& out, const MeanBaseline& baseline);
MeanBaseline ReadMeanBaseline(ByteReader& in);

}  // namespace guardwatch
