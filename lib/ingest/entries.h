#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "base/hash.h"
#include "base/score.h"
#include "base/time.h"
#include "event/event.h"
#include "ingest/event_shapes.h"

// What waits in a shard for its counterpart.

namespace guardwatch {

using TallyIndex = std::uint32_t;  // A row of the shard's label and decision counters.

// Stands for a request of one guardrail: 96 bits of a keyed hash. That two of n requests share them
// has a probability of about n^2 / 2^97.
struct RequestKey {
  std::array<std::uint32_t, 3> words{};

  static constexpr RequestKey From(const Hash128& hash) {
    return {{static_cast<std::uint32_t>(hash.low), static_cast<std::uint32_t>(hash.low >> 32),
             static_cast<std::uint32_t>(hash.high)}};
  }
  constexpr std::uint64_t low() const { return words[0] | (std::uint64_t{words[1]} << 32); }
  // Asked of every entry that a search looks at: less than the call that comparing arrays would be.
  friend constexpr bool operator==(const RequestKey& a, const RequestKey& b) {
    return ((a.words[0] ^ b.words[0]) | (a.words[1] ^ b.words[1]) | (a.words[2] ^ b.words[2])) == 0;
  }
};

// What can be found out about an event before it is its turn: nothing in it depends on the events
// before.
struct Recognised {
  RequestKey request;           // Empty for an event without a request id.
  Hash128 names;                // What the shape is found by.
  EventShape* shape = nullptr;  // If it is a score and its shape is known.
};

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

// A weight of a label for inverse-probability weighting, 1 / P(sent to review), in units of 2^-24.
using Weight = std::uint32_t;

// One counted event of a request and what became of it: a score, one class of a class vector, or,
// in units that have no scores, a decision. Its contribution to the aggregates is a function of
// what stands here.
struct Outcome {
  // Sets what must be set: every event makes one, and most of it says that there is nothing.
  Outcome(EventShape& its_shape, EventTime its_time) : shape{&its_shape}, time{its_time} {}

  EventShape* shape;
  EventTime time;
  std::optional<Score> score;  // Nullopt in units without scores.

  std::optional<double> own_threshold;  // From the event or the configuration.
  std::optional<Weight> own_weight;     // From the event.

  bool errored = false;         // Verdict `error`: in no rate, and no decision event changes that.
  bool waits = false;           // For a decision event.
  std::optional<bool> flagged;  // The decision in force.
  std::optional<double> event_threshold;  // From the decision event in force; replaces the own one.
  std::optional<EventPlace> decided_at;   // Of the decision event in force.

  std::optional<LabelKey> label_key;  // Of the label in force, retractions included.
  std::optional<bool> positive;       // Its value; nullopt if retracted or none.
  ClassId actual = kNoClass;          // The class it names, of top labels only.
  std::optional<Weight> label_weight;

  std::optional<double> threshold() const {
    return event_threshold ? event_threshold : own_threshold;
  }
  std::optional<Weight> weight() const { return label_weight ? label_weight : own_weight; }
};

struct DecisionEntry {
  RequestKey request;
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
  RequestKey request;
  TallyIndex tally = 0;
  LabelKey key;
  std::optional<std::uint64_t> category;  // Nullopt: the label names none.
  std::optional<std::uint64_t> text;      // Hash of the label's text, if it was written as text.
  std::optional<Weight> weight;
  ClassId actual = kNoClass;  // What the label's text is as the name of a class.
  LabelValue::Form form = LabelValue::Form::kRetracted;
  bool counts = true;    // This shard counts the label; others only correct what it cannot see.
  bool matched = false;  // Met a score, whatever came of it.
  bool after_horizon = false;  // Met a score that is too old for it.
};
// Members are in this order so that there is no room between them: at a multiple of 32, as in a
// page of its own, an entry is on two cache lines.
static_assert(sizeof(LabelEntry) == 96);

}  // namespace guardwatch
