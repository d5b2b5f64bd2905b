#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "source/payload.h"
#include "source/random.h"
#include "source/scenario.h"

namespace guardwatch {

struct GeneratedRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::string key;      // The request id; empty if the record has none.
  std::string payload;  // guardrail.event/v1, except for malformed records. Empty: a tombstone.
  EventTime timestamp;  // When it was produced: whole milliseconds, never before its event's time.
};

// Makes up the event stream of a fleet of guardrails: what a request's guardrails score and decide,
// and what reviewers say of it later. The same options give the same bytes on every machine. Scores
// are calibrated by construction (a label is drawn with the score as its probability), except for
// what the scenario breaks. Memory follows the labels that are still to come.
class Generator {
 public:
  // `options` must pass Validate.
  explicit Generator(ScenarioOptions options);

  // The timestamp of the record that Next gives; nullopt at the end of a bounded stream.
  std::optional<EventTime> NextTimestamp();

  // Fills `record` with the next one in the order of their production; false at the end.
  bool Next(GeneratedRecord& record);

 private:
  struct Pending {
    EventTime produced;
    std::uint64_t sequence = 0;  // Of equal times, the first made comes first.
    Draft draft;
  };

  void MakeRequest();
  void MakeScored(Random& random, Draft draft);
  void Disturb(Random& random, Draft& draft, std::uint32_t& true_probability) const;
  void MakeDecision(Random& random, Draft draft);
  void MakeLabels(Random& random, const Draft& scored, std::uint8_t truth);
  void Produce(Random& random, const Draft& draft);
  void Push(const Draft& draft, Duration delay);
  Duration Transit(Random& random, const Draft& draft) const;
  bool IsChanged(EventTime time) const;
  bool RequestsLeft() const { return !options_.events || scored_ < *options_.events; }
  EventTime EarliestOfRequest(std::int64_t request) const;

  ScenarioOptions options_;
  std::uint64_t seed_;
  std::int64_t interval_nanos_;  // Between two requests.
  EventTime change_;
  EventTime recovery_;
  std::int64_t requests_ = 0;
  std::int64_t scored_ = 0;
  std::uint64_t pushed_ = 0;
  std::vector<Pending> pending_;  // A heap, the earliest at the front.
};

}  // namespace guardwatch
