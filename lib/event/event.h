#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/score.h"
#include "base/time.h"

namespace guardwatch {

enum class EventKind : std::uint8_t { kScore, kDecision, kLabel, kCombined };
inline constexpr int kEventKinds = 4;

enum class Verdict : std::uint8_t { kAllow, kBlock, kFlag, kRedact, kEscalate, kError };
inline constexpr int kVerdicts = 6;

enum class Variant : std::uint8_t { kLive, kCandidate };

// What the guardrail did with the request, as far as rates are concerned.
constexpr bool IsFlagged(Verdict v) { return v != Verdict::kAllow && v != Verdict::kError; }

// A label as it was written. Whether text means a truth value or a class name depends on the unit
// it meets: in a unit with class scores any text is a class name, "safe" included.
struct LabelValue {
  enum class Form : std::uint8_t { kNegative, kPositive, kClassName, kRetracted };
  Form form = Form::kRetracted;
  std::string_view text;  // The label's own text if it was a string, also for kNegative, kPositive.
};

struct Label {
  LabelValue value;
  std::int64_t revision = 0;
};

struct ClassScore {
  std::string_view name;
  Score score;
};

// The value of one configured cohort dimension. Absent is not the same as "".
struct CohortValue {
  bool present = false;
  std::string_view text;
};

// One decoded guardrail.event/v1. A flat view: every string and span points into memory of the
// codec and the record, and is valid until the codec's next Decode.
struct Event {
  EventKind kind = EventKind::kScore;
  EventTime time{};
  std::string_view request_id;  // Empty if the event has none.
  std::string_view guardrail;
  std::string_view category;  // Empty if absent.
  std::string_view model_version;
  std::string_view policy;
  std::string_view policy_version;
  Variant variant = Variant::kLive;
  std::optional<Score> score;                // Scored events without class scores.
  std::span<const ClassScore> class_scores;  // In document order; empty unless a class vector.
  bool class_vector = false;                 // Also where its scores were out of range.
  std::optional<double> threshold;           // In [0, 1].
  std::optional<Verdict> verdict;
  std::optional<Label> label;
  std::optional<double> sample_prob;    // In (0, 1].
  std::optional<double> latency_ms;     // Not negative.
  std::span<const CohortValue> cohort;  // One per configured dimension, in the order configured.

  bool is_scored() const { return kind == EventKind::kScore || kind == EventKind::kCombined; }
};

// The kinds of events that a topic is declared to carry.
struct CarriedKinds {
  bool scores = true;
  bool decisions = true;
  bool labels = true;

  bool only_labels() const { return labels && !scores && !decisions; }
  friend bool operator==(const CarriedKinds&, const CarriedKinds&) = default;
};

std::string_view ToString(EventKind kind);
std::string_view ToString(Verdict verdict);
std::string_view ToString(Variant variant);

}  // namespace guardwatch
