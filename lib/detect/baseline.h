#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "detect/dispersion.h"
#include "detect/null_interval.h"
#include "detect/step_pool.h"
#include "detect/time_slots.h"

namespace guardwatch {

struct BaselineOptions {
  Duration pane_width = kPaneWidth;
  SlotScheme slots = SlotScheme::kConstant;
  std::int64_t fewest_events = 200;  // Below, limits mean nothing.
  std::int64_t fewest_steps = 200;   // For the dispersion of steps.
  std::int64_t fewest_blocks = 200;  // For the dispersion at each longer scale.
  // From the first pane to the last. 33 h of 10 s: 200 blocks at the longest scale.
  std::int64_t fewest_panes = 12'000;
  int fewest_cycles = 3;          // Whole days or weeks, with slots.
  double least_tolerance = 0.10;  // Relative change of the rate that is still no harm,
  double slow_sds = 3;            // and at least so many sd of its natural fluctuation.
  double tempering_margin = 1.25;
};

// What normal is, for one stream: learned once, then fixed. A baseline that followed the monitored
// data would learn the drift.
struct Baseline {
  // Blocks of so many panes. The first is the detector's step; burstiness shows there, slow
  // fluctuation in the others.
  static constexpr std::array<int, 3> kScales{1, 6, 60};

  Duration pane_width = kPaneWidth;
  SlotScheme slots = SlotScheme::kConstant;
  Count total;
  PaneIndex first = 0;     // Of the panes that it was learned from,
  std::int64_t panes = 0;  // from the first to the last.
  std::int64_t steps = 0;
  double rate = 0;
  std::array<std::optional<double>, 3> dispersion;  // phi at each scale; nullopt: too few blocks.
  double slow_sd = 0;                               // Relative.
  double tempering = 1.25;                          // T.
  double tolerance = 0.10;                          // rho.
  std::vector<NullInterval> null;                   // One per slot.

  const NullInterval& NullAt(PaneIndex pane) const {
    return null[static_cast<std::size_t>(SlotOf(pane, pane_width, slots))];
  }
  double EventsPerPane() const { return panes == 0 ? 0.0 : double(total.n) / double(panes); }
  double EventsPerStep() const { return steps == 0 ? 0.0 : double(total.n) / double(steps); }
  double EventsPerDay() const {
    return EventsPerPane() * double(Duration(std::chrono::hours(24)).count()) /
           double(pane_width.count());
  }
  // The same limits with another tolerance, of the overall rate.
  NullInterval NullWithin(double other_tolerance) const {
    return MakeNullInterval(double(total.n), double(total.s), other_tolerance);
  }
};

// Learns a baseline from sealed panes, in order. Memory: three sums per slot, whatever the
// duration.
class BaselineLearner {
 public:
  explicit BaselineLearner(BaselineOptions options = {});

  void Add(PaneIndex pane, Count count);  // 0 <= s <= n; panes ascend.

  // What is still missing, in words ("140 of 200 events"); nullopt: enough to keep the promise.
  std::optional<std::string> Missing() const;

  Baseline Learn() const;  // From what there is; at least one step.
  bool Any() const { return total_.n > 0; }
  bool EnoughToTake() const;  // To be taken as it is: fewest_events, in two steps.

  // What was learned so far. Load wants a learner that has seen nothing. False: it was learned with
  // other slots, or the record is damaged; then this one is of no use any more.
  void Save(ByteWriter& out) const;
  bool Load(ByteReader& in);

 private:
  struct Scale {
    std::vector<BlockSums> slots;
    Count block;
    std::int64_t block_index = 0;
  };

  // Counts behind one slot's limits: its own, and what the other slots say about it.
  struct Reference {
    double n = 0;
    double s = 0;
  };

  std::int64_t PanesNeeded() const;
  void AddToBlock(Scale& scale, int panes, PaneIndex pane, Count count);
  std::vector<BlockSums> Blocks(std::size_t scale) const;  // With the one that is still open.
  std::vector<Reference> References() const;
  void EstimateFluctuation(const std::vector<Reference>& references, Baseline& baseline) const;

  BaselineOptions options_;
  StepPool pool_;
  Count total_;
  std::optional<PaneIndex> first_;
  PaneIndex last_ = 0;
  std::array<Scale, Baseline::kScales.size()> scales_;
};

}  // namespace guardwatch
