#pragma once

#include <compare>
#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "base/score.h"
#include "base/time.h"
#include "event/event.h"
#include "ingest/series_names.h"

// What waits in a shard for its counterpart.

namespace guardwatch {

using LogIndex = std::uint32_t;    // A log of this shard.
using TallyIndex = std::uint32_t;  // A row of the shard's label and decision counters.

// Where an event stands. Logs are ordered by (topic, partition) through their rank.
struct EventPlace {
  std::uint64_t log_rank = 0;
  std::int64_t offset = 0;
  friend constexpr auto operator<=>(const EventPlace&, const EventPlace&) = default;
};

// Of several labels of one request the greatest key is in force.
struct LabelKey {
  std::int64_t revision = 0;
  EventTime time{};
  EventPlace place;
  friend constexpr auto operator<=>(const LabelKey&, const LabelKey&) = default;
};

// One counted event of a request: a score, one class of a class vector, or, in units that have no
// scores, a decision. Its contribution to the aggregates is a function of what stands here.
struct ScoreEntry {
  Hash128 request;
  EventTime time{};
  std::uint64_t category = 0;  // Hash of the category; of "" for none.
  LogIndex log = 0;
  Variant variant = Variant::kLive;
  SeriesSet series;

  std::optional<Score> score;    // Nullopt in units without scores.
  bool is_class = false;         // Labels of this entry are class names.
  std::uint64_t class_name = 0;  // The class that makes the entry positive, hashed.

  bool errored = false;         // Verdict `error`: in no rate, and no decision event changes that.
  bool waits = false;           // For a decision event.
  std::optional<bool> flagged;  // The decision in force.
  std::optional<double> own_threshold;    // From the event or the configuration.
  std::optional<double> event_threshold;  // From the decision event in force; replaces the own one.
  std::optional<EventPlace> decided_at;   // Of the decision event in force.

  std::optional<LabelKey> label_key;  // Of the label in force, retractions included.
  std::optional<bool> positive;       // Its value; nullopt if retracted or none.

  std::optional<double> threshold() const {
    return event_threshold ? event_threshold : own_threshold;
  }
};

struct DecisionEntry {
  Hash128 request;
  EventTime time{};
  std::uint64_t category = 0;
  Variant variant = Variant::kLive;
  EventPlace place;
  EventTime watermark_before{};  // S-watermark of the decision's log, before the decision.
  Verdict verdict = Verdict::kAllow;
  std::optional<double> threshold;
  TallyIndex tally = 0;
  bool matched = false;
};

struct LabelEntry {
  Hash128 request;
  LabelKey key;
  std::optional<std::uint64_t> category;  // Nullopt: the label names none.
  LabelValue::Form form = LabelValue::Form::kRetracted;
  std::optional<std::uint64_t> text;  // Hash of the label's text, if it was written as text.
  TallyIndex tally = 0;
  bool counts = true;    // This shard counts the label; others only correct what it cannot see.
  bool matched = false;  // Met a score, whatever came of it.
  bool after_horizon = false;  // Met a score that is too old for it.
};

}  // namespace guardwatch
