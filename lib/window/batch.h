#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log_position.h"
#include "base/state_changes.h"
#include "base/time.h"
#include "event/event.h"
#include "event/reject.h"
#include "window/aggregate.h"
#include "window/pane.h"
#include "window/series.h"

// The one currency between the two stages. Ingest combines what it has read since its last flush
// into a ShardBatch; the monitor adds it. Everything in a batch is a change, so batches of
// different shards commute, and a batch names the range [from, to) of each log it covers, so that a
// redelivered one can be recognised.

namespace guardwatch {

using SeriesId = std::uint32_t;  // Local to a shard; defined once, in the batch of its first use.

// Lower bounds of the event time still expected from a source: by scores and decisions, by labels.
struct Watermarks {
  EventTime scores = kBeginningOfTime;
  EventTime labels = kBeginningOfTime;
  friend bool operator==(const Watermarks&, const Watermarks&) = default;
};

enum class LogState : std::uint8_t {
  kWaiting,      // No event yet: holds the watermarks back.
  kActive,       //
  kIdle,         // Silent for idle_timeout: excused from the watermarks.
  kUnavailable,  // Not readable for hold_timeout: excused, and a finding.
  kFinished,     // Nothing will follow (the end of a replay).
};

// How far beyond the limit a late event came: at most its bound. One more class is open-ended.
inline constexpr std::array<Duration, 5> kLateAgeBounds{
    std::chrono::minutes(1), std::chrono::minutes(10), std::chrono::hours(1), std::chrono::hours(6),
    std::chrono::days(1)};
inline constexpr int kLateAges = 6;

// What happened to the records of one log.
struct LogCounters {
  std::array<std::int64_t, kEventKinds> accepted{};  // By kind: all that were not rejected.
  std::array<std::int64_t, kRejectReasons> rejected{};
  std::array<std::int64_t, kLateAges> late{};
  std::int64_t late_for_sealed = 0;  // Came from a log that had been excused.
  std::int64_t duplicates = 0;
  std::int64_t bytes = 0;

  LogCounters& operator+=(const LogCounters& other);
  friend bool operator==(const LogCounters&, const LogCounters&) = default;
};

struct LastReject {
  RejectReason reason = RejectReason::kTooLarge;
  std::int64_t offset = 0;
  WallTime at{};
};

// A log that did not go on where it was: records are gone, or it is another log of the same name.
struct LogReset {
  ResetReason reason = ResetReason::kOutOfRange;
  std::int64_t from = 0;  // What would have been read next.
  std::int64_t to = 0;    // What is read next.
  WallTime at{};
  friend bool operator==(const LogReset&, const LogReset&) = default;
};

// Where a log's progress came into another 10 min of event time: at the record of this offset.
struct LogPassage {
  static constexpr Duration kGrid = std::chrono::minutes(10);
  PaneIndex pane = 0;  // Of the grid.
  std::int64_t offset = 0;
  friend bool operator==(const LogPassage&, const LogPassage&) = default;
};

struct LogChange {
  std::uint32_t log = 0;  // Index in the shard's list of logs; its name comes with the definition.
  std::int64_t from = 0;  // Offsets [from, to) were read; equal if none.
  std::int64_t to = 0;
  std::optional<EventTime> progress;  // M of the contracts; nullopt before the first event.
  LogState state = LogState::kWaiting;
  bool at_end = false;  // Everything the log holds has been read.
  bool stuck = false;   // Records follow that are not given out: of an open transaction.
  LogCounters counters;
  std::vector<LastReject> last_rejects;  // At most one per reason.
  std::vector<LogReset> resets;          // Within [from, to), in their order.
  std::vector<LogPassage> passages;      // Likewise.
};

struct LogDefinition {
  std::uint32_t log = 0;
  std::string topic;
  std::int32_t partition = 0;
  CarriedKinds carries;
};

// What became of label events, by the unit they name.
enum class LabelOutcome : std::uint8_t {
  kJoined,
  kCorrected,
  kRetracted,
  kRepeated,
  kStale,
  kLate,
  kAfterHorizon,
  kOrphan,
  kUnusable,
  kLateForMatured,
  kUnsampled,
};
inline constexpr int kLabelOutcomes = 11;
std::string_view ToString(LabelOutcome outcome);

// What became of decision events that did not simply decide a waiting score.
struct DecisionOutcomes {
  std::int64_t joined = 0;
  std::int64_t late = 0;
  std::int64_t agreement = 0;
  std::int64_t disagreement = 0;
  std::int64_t orphan = 0;
  friend bool operator==(const DecisionOutcomes&, const DecisionOutcomes&) = default;
  DecisionOutcomes& operator+=(const DecisionOutcomes& other);
};

struct LabelTally {
  std::string guardrail;
  std::string category;
  std::array<std::int64_t, kLabelOutcomes> outcomes{};
};

struct DecisionTally {
  std::string guardrail;
  std::string category;
  DecisionOutcomes outcomes;
};

// Verdicts seen on events of one series (the whole slice): for counters, not for windows.
struct VerdictTally {
  SeriesId series = 0;
  std::array<std::int64_t, kVerdicts> verdicts{};
};

// How many scored events of a unit's pane carried one value of a field whose change is an epoch.
struct EpochTally {
  enum class Field : std::uint8_t { kModelVersion, kPolicyVersion, kThreshold };
  Field field = Field::kModelVersion;
  SeriesId series = 0;  // The whole slice of the unit and variant.
  PaneIndex pane = 0;
  std::string value;
  std::int64_t count = 0;
};

struct PaneDelta {
  SeriesId series = 0;
  PaneIndex pane = 0;
  Aggregate change;
};

struct SeriesDefinition {
  SeriesId id = 0;
  SeriesKey key;
};

struct ShardBatch {
  std::uint32_t source = 0;  // Index of the configured source.
  std::uint32_t shard = 0;
  std::uint64_t sequence = 0;  // Counts the shard's batches from 0.
  Watermarks honoured;  // The source watermarks that every event of this batch was held against.
  std::vector<LogDefinition> new_logs;
  std::vector<SeriesDefinition> new_series;
  std::vector<LogChange> logs;
  std::vector<PaneDelta> deltas;
  std::vector<EpochTally> epochs;
  std::vector<VerdictTally> verdicts;
  std::vector<LabelTally> labels;
  std::vector<DecisionTally> decisions;
  std::int64_t identity_in_two_logs = 0;
  std::int64_t folded_values =
      0;                     // Events that went to __other__ because the shard's names were full.
  std::int64_t pending = 0;  // Scores, decisions and labels waiting in the shard now.
  std::int64_t pending_bytes = 0;
  std::optional<Duration> horizon_limit;  // The label horizon in force because memory was short.
  StateChanges state;                     // What changed in the shard, for durable state.
};

}  // namespace guardwatch
