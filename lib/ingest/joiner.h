#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/state_changes.h"
#include "event/event.h"
#include "ingest/accumulator.h"
#include "ingest/entries.h"
#include "ingest/event_shapes.h"
#include "ingest/options.h"
#include "ingest/pending.h"
#include "ingest/tallies.h"
#include "window/batch.h"

namespace guardwatch {

// What an event belongs to; where and when it came in.
struct Arrival {
  const Recognised& event;
  LogIndex log = 0;
  EventPlace place;
  EventTime watermark_before{};  // S-watermark of its log, before it.
  bool counts = true;            // This shard counts the log's events; see LabelEntry::counts.
};

// Identity and the three-way join of scores, decisions and labels (docs/guarantees.md gives the
// rules).
//
// Nothing here depends on the order in which events of different logs arrive: every pair is judged
// by what stands on the two events, entries are kept until no event in time could meet them, and of
// several candidates the one with the greatest (labels) or least (decisions) key wins, by taking
// back the contribution of the one before.
class Joiner {
 public:
  Joiner(const SourceOptions& source, CarriedKinds source_carries, HashSeed seed);

  // Taking an event needs memory from all over. In these steps it is asked for early: whoever has
  // many events takes each step for all of them before the next. Only the first is needed; it
  // fills `recognised`, whatever was in it.
  void Recognise(const Event& event, LogIndex log, Recognised& recognised) const;
  void AskForPart(const Recognised& event) const { pending_.AskForPart(event.request); }
  void AskForRequest(const Recognised& event) const { pending_.AskForIndex(event.request); }
  void Locate(const Event& event, Recognised& recognised);
  void AskForCell(const Recognised& event) const {
    if (event.shape != nullptr) accumulator_.AskFor(*event.shape);
  }
  void AskForBins(const Recognised& event) const {
    if (event.shape != nullptr) accumulator_.AskForBins(*event.shape);
  }

  // A score, or a class vector; its own label included. False: a duplicate, of which only the label
  // was used.
  bool TakeScored(const Event& event, const Arrival& arrival);

  // False: a duplicate, in a unit that counts decision events themselves.
  bool TakeDecision(const Event& event, const Arrival& arrival);

  void TakeLabel(const Event& event, const Label& label, const Arrival& arrival);

  // A label that came too late to be joined.
  void CountLateLabel(const Event& event);

  // A score outside [0, 1]: counted in its unit, and nothing else.
  void TakeInvalidScore(const Event& event);

  // Takes note that the source has moved on, and forgets what cannot be met any more.
  void Advance(const Watermarks& watermarks);

  // What may wait here; more memory than before lifts a horizon that was cut for want of it.
  void LimitPending(std::int64_t bytes);

  void FlushInto(ShardBatch& batch);
  std::int64_t pending() const { return pending_.size(); }

  // The way back from a checkpoint, before any event: every record in the order of keys, then
  // Loaded. False: a record that cannot be understood.
  bool Load(const StateRecord& record);
  void Loaded(const Watermarks& honoured);

 private:
  static EventShapes::Request ShapeRequestOf(const Event& event, LogIndex log);
  Outcome NewOutcome(const Event& event, EventShape& shape) const;
  // Where an outcome counts. Valid until the next call.
  EventCell& CellOf(const Outcome& outcome) {
    return accumulator_.At(*outcome.shape, PaneOf(outcome.time));
  }
  bool IsDuplicate(const RequestKey& request, std::uint64_t category, const Event& event,
                   const Arrival& arrival);
  void TakeScore(const Event& event, EventShape& shape, Score score, const RequestKey& request,
                 LabelEntry* own_label);
  void Register(const Event& event, const RequestKey& request, Outcome& outcome);
  std::optional<LabelEntry> NewLabel(const Event& event, const Label& label,
                                     const Arrival& arrival);

  // Each says whether the outcome has changed.
  bool Match(Outcome& score, DecisionEntry& decision);
  void Decide(Outcome& score, const DecisionEntry& decision);
  std::optional<LabelOutcome> Match(Outcome& score, LabelEntry& label, bool& changed);
  bool CountLabel(LabelEntry& label, std::optional<LabelOutcome> outcome);

  bool Sampled(std::string_view request_id) const;
  bool Matured(EventTime score) const;
  Duration HorizonOf(const EventShape& shape) const;
  void LimitHorizon();
  void TakeChanges(StateChanges& out);

  const SourceOptions& source_;
  const CarriedKinds carries_;
  const std::uint64_t no_category_;
  const Duration longest_horizon_;
  EventShapes shapes_;
  Accumulator accumulator_;
  Tallies tallies_;
  Pending pending_;
  Watermarks honoured_;
  std::int64_t pending_limit_ = 0;         // Bytes; 0: not set.
  std::optional<Duration> horizon_limit_;  // In force because memory was short.
  std::int64_t identity_in_two_logs_ = 0;
  std::size_t series_kept_ = 0;  // Series and tally rows that durable state knows.
  std::size_t tallies_kept_ = 0;
  std::size_t classes_kept_ = ClassNames::kFirst;
  std::vector<EventShape> restored_shapes_;  // While loading.
};

}  // namespace guardwatch
