#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "event/reject.h"

namespace guardwatch {

// What the codec needs to know of a record besides its payload.
struct DecodeContext {
  std::optional<EventTime> record_timestamp;  // Stands in for an event without a time.
  CarriedKinds carries;                       // Anything else is kUnexpectedKind.
};

// What a decoded event points into. Memory grows to the largest record seen and is reused.
struct DecodeBuffer {
  std::vector<char> text;
  std::vector<CohortValue> cohort;
  std::vector<ClassScore> class_scores;
};

// The seam between bytes and events. One instance per worker thread; not thread-safe.
class Codec {
 public:
  virtual ~Codec() = default;

  // Fills `event` and returns nullopt, or says why the record is rejected: of all the reasons that
  // apply, the first in RejectReason's order. After kScoreOutOfRange every other field of `event`
  // is valid, so that the bad score can be counted where it belongs. `payload.data() == nullptr` is
  // a tombstone. The event is valid until the next use of `buffer`.
  virtual std::optional<RejectReason> Decode(std::string_view payload, const DecodeContext& context,
                                             DecodeBuffer& buffer, Event& event) = 0;
};

}  // namespace guardwatch
