#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alert/alert.h"
#include "base/shared.h"
#include "base/time.h"
#include "detect/baseline_set.h"
#include "detect/budget.h"
#include "detect/finding.h"
#include "window/aggregate.h"
#include "window/batch.h"
#include "window/pane.h"
#include "window/series.h"

// What readers see: an immutable view of the monitor at one moment. It holds integers; whoever
// wants a statistic computes it (window/statistics.h). Views of series that did not change are
// shared between snapshots.

namespace guardwatch {

// `current`: the last W of sealed panes; its label counts are provisional. `matured`: the last W of
// panes whose labels can no longer change.
enum class WindowViewKind : std::uint8_t { kCurrent, kMatured };
std::string_view ToString(WindowViewKind view);

struct WindowView {
  Duration window{};
  WindowViewKind view = WindowViewKind::kCurrent;
  EventTime end{};
  Shared<Aggregate> total;
};

struct SeriesView {
  SeriesKey key;
  std::vector<WindowView> windows;  // In the configured order, current before matured.

  // Since the process started; only grow. Whole slices carry all, others the first.
  std::int64_t scored_total = 0;
  std::array<std::int64_t, kVerdicts> verdicts_total{};
  std::optional<EventTime> last_event_pane_end;
};

// A change of model version, policy version or threshold, as seen on sealed panes.
struct EpochEvent {
  UnitKey unit;
  Variant variant = Variant::kLive;
  EpochTally::Field field = EpochTally::Field::kModelVersion;
  std::string from;  // Empty for the first value of a unit.
  std::string to;
  bool first_seen = true;  // Else: it became the majority.
  EventTime at{};          // Start of the pane in which it was seen.
};
std::string_view ToString(EpochTally::Field field);

struct LogView {
  std::string topic;
  std::int32_t partition = 0;
  CarriedKinds carries;
  LogState state = LogState::kWaiting;
  bool at_end = false;
  bool stuck = false;            // Behind an open transaction.
  std::int64_t next_offset = 0;  // The least over the shards that read it.
  std::optional<EventTime> progress;
  LogCounters counters;
  std::vector<LastReject> last_rejects;
  std::vector<LogReset> resets;  // The latest, newest last.
  std::int64_t reset_count = 0;
};

struct LabelOutcomeView {
  std::string guardrail;
  std::string category;
  std::array<std::int64_t, kLabelOutcomes> outcomes{};
};

struct SourceView {
  std::string name;
  Watermarks watermarks;
  EventTime sealed_through = kBeginningOfTime;  // Panes that end at or before are sealed.
  EventTime matured_through = kBeginningOfTime;
  std::string held_back_by;  // topic/partition of the log that holds the watermark; empty if none.
  bool catching_up = false;
  std::vector<LogView> logs;
  std::vector<LabelOutcomeView> labels;
  DecisionOutcomes decisions;
  std::int64_t identity_in_two_logs = 0;
  std::int64_t late_for_sealed = 0;
  std::int64_t folded_events = 0;  // Went to __other__ because a cap was reached.
  std::int64_t pending = 0;
  std::int64_t pending_bytes = 0;
  std::optional<Duration> horizon_limit;  // The label horizon in force because memory was short.
};

// One stream of one model version as its drift detector sees it.
struct DriftView {
  UnitKey unit;
  Variant variant = Variant::kLive;
  std::string model_version;
  std::string stream;
  std::string state;    // learning, armed, not_monitorable
  std::string missing;  // While learning: what is still needed.
  bool drifting = false;
  double usual = 0;          // Rate of the baseline.
  double unchanged_low = 0;  // Rates in between count as unchanged.
  double unchanged_high = 1;
  std::int64_t reference_events = 0;
  EventTime reference_from{};  // When it was learned.
  EventTime reference_to{};
  double dispersion = 1;
  double tolerance = 0;
  double evidence = 0;  // An alarm at `threshold`.
  double threshold = 0;
  std::optional<double> detectable_rise;  // Smallest factor seen within a day; nullopt: none is.
  std::optional<double> detectable_fall;
};

// A stretch of one log, both offsets inside.
struct LogRange {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const LogRange&, const LogRange&) = default;
};

// Why one alarm of one stream was raised: enough to reproduce it from its input.
struct DriftEvidence {
  std::string alert;  // Id of the alert that it belongs to.
  UnitKey unit;
  Variant variant = Variant::kLive;
  std::string model_version;  // Empty for cohorts, which are watched over all versions.
  std::string stream;
  std::string dimension;             // Empty for the whole traffic.
  std::vector<std::string> cohorts;  // That stand out.
  std::string direction;             // up, down, both
  std::string detector;              // baseline, two_sample, known_change
  std::string verdict;               // open, confirmed, withdrawn
  std::string detail;
  PaneIndex pane = 0;  // That completed the evidence.
  Duration pane_width = kPaneWidth;
  double evidence = 0;
  double threshold = 0;
  EventTime changed{};  // Estimate.
  EventTime raised{};   // By the first alarm.
  double usual = 0;
  EventTime reference_from{};  // The period of the baseline; equal to `reference_to` if none.
  EventTime reference_to{};
  std::int64_t reference_events = 0;
  EventTime input_from{};  // Event times that reproduce it, and where they stand in the logs.
  EventTime input_to{};
  std::vector<LogRange> input;
};

struct Snapshot {
  WallTime at{};
  std::vector<std::shared_ptr<const SourceView>> sources;
  std::vector<std::shared_ptr<const SeriesView>> series;  // Sorted by key.
  std::vector<Alert> alerts;  // Pending, firing, and recently resolved; sorted by id.
  std::vector<Finding> findings;
  std::vector<EpochEvent> epochs;  // Newest last; the most recent ones.
  std::vector<DriftView> drift;
  std::vector<DriftEvidence> drift_evidence;  // Behind drift alerts, by alert.
  std::vector<DriftEvidence> drift_alarms;    // Every single one, in order; only in a replay.
  // What was learned or given, by unit and version.
  std::vector<std::shared_ptr<const BaselineSet>> baselines;
  Duration coarse_pane = kPaneWidth;  // Of statistics on labels and of cohorts.
  SlotScheme drift_slots = SlotScheme::kConstant;
  std::string drift_budget;                  // How the budget of false alarms is spent, in words.
  std::optional<BudgetShares> drift_shares;  // The same; nullopt: nothing is watched for drift.
  double drift_spent = 0;  // The false alarms in 30 days that thresholds as they are allow at most.
  std::int64_t series_limit = 0;
  bool notifications_held = false;  // Catching up: nothing is sent yet.
};

}  // namespace guardwatch
