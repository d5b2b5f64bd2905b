#include "ingest/joiner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/prefetch.h"
#include "ingest/contribution.h"
#include "window/pane.h"

namespace guardwatch {
namespace {

constexpr std::size_t kTallyRowsPerUnit = 4;

// What a shard has numbers for, with room for what comes before the horizon is cut: of labelled
// scores, 80 bytes each, 2^28; see SideRecords and PendingTable.
constexpr std::int64_t kMostPendingBytes = std::int64_t{16} << 30;

// At the memory limit the horizon is cut to this share of what is held, in eighths.
constexpr int kHorizonKeptEighths = 6;
constexpr Duration kHorizonSettles = std::chrono::minutes(21);  // Two segments and a pane.

// What a label says of an outcome. Unusable: a class name for a binary unit, or the reverse.
struct LabelReading {
  bool usable = true;
  std::optional<bool> value;  // Nullopt: a retraction.
};

LabelReading Read(const LabelEntry& label, const Outcome& score) {
  LabelReading reading;
  if (label.form == LabelValue::Form::kRetracted) return reading;
  if (score.shape->is_class) {
    reading.usable = label.text.has_value();
    reading.value = label.text == score.shape->class_name;
  } else {
    reading.usable = label.form != LabelValue::Form::kClassName;
    reading.value = label.form == LabelValue::Form::kPositive;
  }
  return reading;
}

LabelOutcome OutcomeOf(const Outcome& before, std::optional<bool> value) {
  if (!value) return LabelOutcome::kRetracted;
  if (!before.label_key) return LabelOutcome::kJoined;
  return before.positive == value ? LabelOutcome::kRepeated : LabelOutcome::kCorrected;
}

const ClassScore& TopClass(const Event& event) {
  return *std::max_element(
      event.class_scores.begin(), event.class_scores.end(),
      [](const ClassScore& a, const ClassScore& b) { return a.score < b.score; });
}

// The weight of an event that was sent to review with this probability: 1 / e, at most 50.
std::optional<Weight> WeightOf(std::optional<double> sample_prob) {
  constexpr double kMost = 50.0 * 0x1p24;
  if (!sample_prob) return std::nullopt;
  return static_cast<Weight>(std::min(std::nearbyint(0x1p24 / *sample_prob), kMost));
}

}  // namespace

Joiner::Joiner(const SourceOptions& source, CarriedKinds source_carries, HashSeed seed)
    : source_(source),
      carries_(source_carries),
      no_category_(SipHash128("", seed).low),
      longest_horizon_(LongestHorizon(source)),
      shapes_(source, seed),
      accumulator_(shapes_.classes()),
      tallies_(static_cast<std::size_t>(source.max_units) * kTallyRowsPerUnit, seed),
      pending_(shapes_) {}

EventShapes::Request Joiner::ShapeRequestOf(const Event& event, LogIndex log) {
  return {.event = event,
          .category = event.category,
          .class_name = std::nullopt,
          .log = log,
          .has_score = true,
          .weight = WeightOf(event.sample_prob)};
}

void Joiner::Recognise(const Event& event, LogIndex log, Recognised& recognised) const {
  recognised.request = {};
  recognised.shape = nullptr;
  KeyedHasher hasher = shapes_.HasherOf(event.guardrail);
  const std::uint64_t guardrail = hasher.Finish().low;
  if (!event.request_id.empty()) {
    hasher.Add(event.request_id);
    recognised.request = RequestKey::From(hasher.Finish());
  }
  if (event.score) recognised.names = shapes_.NamesOf(ShapeRequestOf(event, log), guardrail);
}

void Joiner::Locate(const Event& event, Recognised& recognised) {
  pending_.AskForEntries(recognised.request, event.kind);
  if (!event.score) return;
  recognised.shape = shapes_.Find(recognised.names);
  if (recognised.shape != nullptr) Prefetch(recognised.shape, 2);
}

bool Joiner::Sampled(std::string_view request_id) const {
  if (source_.label_sample >= 1.0) return true;
  if (request_id.empty()) return false;
  const auto limit = static_cast<long double>(source_.label_sample) * 0x1p64L;
  return static_cast<long double>(Mix64(Fnv1a64(request_id))) < limit;
}

bool Joiner::Matured(EventTime score) const {
  const EventTime closed = PaneEndOf(score) + longest_horizon_;
  return honoured_.scores >= closed + source_.label_lateness &&
         honoured_.labels >= closed + kPaneWidth;
}

Duration Joiner::HorizonOf(const EventShape& shape) const {
  const Duration configured = shape.settings->label_horizon;
  return horizon_limit_ ? std::min(configured, *horizon_limit_) : configured;
}

// --- Scores ---

bool Joiner::TakeScored(const Event& event, const Arrival& arrival) {
  const bool vector = !event.class_scores.empty();
  const RequestKey& request = arrival.event.request;
  EventShapes::Request shape = ShapeRequestOf(event, arrival.log);
  if (vector) {
    shape.category = kTopLabel;
    shape.class_name = TopClass(event).name;
  }
  EventShape& main = arrival.event.shape != nullptr ? *arrival.event.shape : shapes_.Resolve(shape);
  const bool anonymous = event.request_id.empty();
  const bool duplicate = !anonymous && IsDuplicate(request, main.category, event, arrival);
  const auto take_with = [&](LabelEntry* own_label) {
    if (!vector) return TakeScore(event, main, *event.score, request, own_label);
    for (const ClassScore& each : event.class_scores) {
      shape.category = each.name;
      shape.class_name = each.name;
      TakeScore(event, shapes_.Resolve(shape), each.score, request, own_label);
    }
    TakeScore(event, main, TopClass(event).score, request, own_label);
  };
  if (event.label && anonymous) {
    // Nothing can join an event without a request id, but its own label still belongs to it.
    auto own_label = NewLabel(event, *event.label, arrival);
    take_with(own_label ? &*own_label : nullptr);
    return true;
  }
  if (!duplicate) take_with(nullptr);
  if (event.label) TakeLabel(event, *event.label, arrival);
  return !duplicate;
}

bool Joiner::IsDuplicate(const RequestKey& request, std::uint64_t category, const Event& event,
                         const Arrival& arrival) {
  bool held = false;
  bool held_elsewhere = false;
  pending_.ForEachScore(request, [&](const Outcome& score) {
    const EventShape& shape = *score.shape;
    if (shape.category != category || shape.variant != event.variant) return false;
    const Duration apart = std::chrono::abs(score.time - event.time);
    if (apart > source_.duplicate_window) return false;
    (shape.log == arrival.log ? held : held_elsewhere) = true;
    return false;
  });
  if (held_elsewhere && !held) ++identity_in_two_logs_;
  return held;
}

Outcome Joiner::NewOutcome(const Event& event, EventShape& shape) const {
  Outcome outcome(shape, event.time);
  outcome.own_threshold = shape.threshold;
  outcome.own_weight = shape.weight;
  if (shape.varied) {
    outcome.own_threshold = event.threshold ? event.threshold : shape.settings->threshold;
    outcome.own_weight = WeightOf(event.sample_prob);
  }
  return outcome;
}

void Joiner::TakeScore(const Event& event, EventShape& shape, Score score,
                       const RequestKey& request, LabelEntry* own_label) {
  Outcome outcome = NewOutcome(event, shape);
  outcome.score = score;
  outcome.errored = event.verdict == Verdict::kError;
  const bool decided_here = !outcome.errored && !shape.settings->decided_by_decision_events;
  if (decided_here && event.verdict) {
    outcome.flagged = IsFlagged(*event.verdict);
  } else if (decided_here && outcome.own_threshold) {
    outcome.flagged = Flags(Threshold::FromClipped(*outcome.own_threshold), score);
  } else {
    outcome.waits = !outcome.errored;
  }
  EventCell& cell = CellOf(outcome);
  if (outcome.errored || outcome.flagged) {
    const Verdict derived = outcome.flagged.value_or(false) ? Verdict::kFlag : Verdict::kAllow;
    cell.Count(event.verdict.value_or(derived));
  }
  ContributeArrival(outcome, Sampled(event.request_id), event.latency_ms, cell);
  ContributeDecision(outcome, +1, cell);
  if (!event.request_id.empty()) {
    Register(event, request, outcome);
  } else if (own_label != nullptr) {
    bool changed = false;
    CountLabel(*own_label, Match(outcome, *own_label, changed));
  }
}

// Meets what came before the score, then waits for what comes after it.
void Joiner::Register(const Event& event, const RequestKey& request, Outcome& outcome) {
  pending_.ForEachDecision(request, [&](DecisionEntry& decision) {
    const bool matched_before = decision.matched;
    Match(outcome, decision);
    return decision.matched != matched_before;
  });
  pending_.ForEachLabel(request, [&](LabelEntry& label) {
    const bool was_after_horizon = label.after_horizon;
    bool changed = false;
    const bool counted = CountLabel(label, Match(outcome, label, changed));
    return counted || label.after_horizon != was_after_horizon;
  });
  // Of a sample, only the sample waits for labels, and for decisions no longer than for duplicates.
  const bool joins = Sampled(event.request_id) && (carries_.decisions || carries_.labels);
  const Duration horizon = joins ? HorizonOf(*outcome.shape) : Duration{};
  pending_.Add(request, outcome, std::max(source_.duplicate_window, horizon));
}

void Joiner::TakeInvalidScore(const Event& event) {
  const SeriesSet series =
      shapes_.names().Resolve(event, event.class_vector ? kTopLabel : event.category);
  accumulator_.CountInvalid(series, PaneOf(event.time));
}

// --- Decisions ---

bool Joiner::TakeDecision(const Event& event, const Arrival& arrival) {
  const RequestKey& request = arrival.event.request;
  const bool errored = *event.verdict == Verdict::kError;
  const GuardrailSettings& settings = shapes_.names().SettingsOf(event.guardrail, event.category);
  if (errored || settings.decisions_only) {
    EventShape& shape = shapes_.Resolve({.event = event,
                                         .category = event.category,
                                         .class_name = std::nullopt,
                                         .log = arrival.log,
                                         .has_score = false,
                                         .weight = WeightOf(event.sample_prob)});
    if (!errored && IsDuplicate(request, shape.category, event, arrival)) return false;
    Outcome outcome = NewOutcome(event, shape);
    outcome.errored = errored;
    if (!errored) outcome.flagged = IsFlagged(*event.verdict);
    EventCell& cell = CellOf(outcome);
    cell.Count(*event.verdict);
    ContributeArrival(outcome, !errored && Sampled(event.request_id), event.latency_ms, cell);
    ContributeDecision(outcome, +1, cell);
    if (!errored) Register(event, request, outcome);
    return true;
  }
  DecisionEntry decision{.request = request,
                         .time = event.time,
                         .category = shapes_.HashOf(event.category),
                         .variant = event.variant,
                         .place = arrival.place,
                         .watermark_before = arrival.watermark_before,
                         .verdict = *event.verdict,
                         .threshold = event.threshold,
                         .tally = tallies_.RowOf(event.guardrail, event.category)};
  pending_.ForEachScore(request, [&](Outcome& score) { return Match(score, decision); });
  pending_.Add(decision, decision.time + source_.label_early + kPaneWidth);
  return true;
}

bool Joiner::Match(Outcome& score, DecisionEntry& decision) {
  const EventShape& shape = *score.shape;
  if (shape.category != decision.category || shape.variant != decision.variant) return false;
  if (score.errored || decision.time < score.time - source_.label_early) return false;
  const bool flags = IsFlagged(decision.verdict);
  DecisionOutcomes& outcomes = tallies_.Decisions(decision.tally);
  if (score.waits) {
    const EventTime pane_end = PaneEndOf(score.time);
    const bool in_time = decision.watermark_before < pane_end && honoured_.scores < pane_end;
    if (in_time && (!score.decided_at || decision.place < *score.decided_at)) {
      Decide(score, decision);
      decision.matched = true;
      ++outcomes.joined;
      return true;
    }
  }
  if (decision.time > score.time + HorizonOf(shape)) return false;
  decision.matched = true;
  if (!score.flagged) {
    ++outcomes.late;
  } else {
    ++(*score.flagged == flags ? outcomes.agreement : outcomes.disagreement);
  }
  return false;
}

void Joiner::Decide(Outcome& score, const DecisionEntry& decision) {
  EventCell& cell = CellOf(score);
  ContributeConfusion(score, -1, cell);
  ContributeDecision(score, -1, cell);
  score.flagged = IsFlagged(decision.verdict);
  score.decided_at = decision.place;
  score.event_threshold = decision.threshold;
  ContributeDecision(score, +1, cell);
  ContributeConfusion(score, +1, cell);
  cell.Count(decision.verdict);
}

// --- Labels ---

std::optional<LabelEntry> Joiner::NewLabel(const Event& event, const Label& label,
                                           const Arrival& arrival) {
  LabelEntry entry;
  entry.request = arrival.event.request;
  entry.key = {label.revision, event.time, arrival.place};
  if (!event.category.empty()) entry.category = shapes_.HashOf(event.category);
  entry.form = label.value.form;
  if (label.value.text.data() != nullptr && !label.value.text.empty()) {
    entry.text = shapes_.HashOf(label.value.text);
    entry.actual = shapes_.classes().Resolve(event.guardrail, label.value.text);
  }
  entry.weight = WeightOf(event.sample_prob);
  entry.tally = tallies_.RowOf(event.guardrail, event.category);
  entry.counts = arrival.counts;
  if (Sampled(event.request_id)) return entry;
  if (entry.counts) tallies_.Count(entry.tally, LabelOutcome::kUnsampled);
  return std::nullopt;
}

void Joiner::TakeLabel(const Event& event, const Label& label, const Arrival& arrival) {
  auto fresh = NewLabel(event, label, arrival);
  if (!fresh) return;
  std::optional<LabelOutcome> best;  // A class vector has many entries; the event counts once.
  pending_.ForEachScore(fresh->request, [&](Outcome& score) {
    bool changed = false;
    const auto outcome = Match(score, *fresh, changed);
    if (outcome && (!best || *outcome < *best)) best = outcome;
    return changed;
  });
  CountLabel(*fresh, best);
  pending_.Add(*fresh, event.time + source_.label_early + kPaneWidth);
}

std::optional<LabelOutcome> Joiner::Match(Outcome& score, LabelEntry& label, bool& changed) {
  const EventShape& shape = *score.shape;
  const bool addressed = label.category ? *label.category == shape.category
                                        : shape.category == no_category_ || shape.is_class;
  if (!addressed || label.key.time < score.time - source_.label_early) return std::nullopt;
  if (label.key.time > score.time + HorizonOf(shape)) {
    label.after_horizon = true;
    return std::nullopt;
  }
  if (Matured(score.time)) return LabelOutcome::kLateForMatured;
  const LabelReading reading = Read(label, score);
  if (!reading.usable) return LabelOutcome::kUnusable;
  if (score.label_key && label.key <= *score.label_key) return LabelOutcome::kStale;
  const LabelOutcome outcome = OutcomeOf(score, reading.value);
  // A retraction of what was never said changes no pane.
  if (score.positive) ContributeLabel(score, -1, CellOf(score));
  score.positive = reading.value;
  score.actual = shape.predicted == kNoClass ? kNoClass : label.actual;
  score.label_key = label.key;
  score.label_weight = label.weight;
  if (score.positive) ContributeLabel(score, +1, CellOf(score));
  changed = true;
  return outcome;
}

void Joiner::CountLateLabel(const Event& event) {
  tallies_.Count(tallies_.RowOf(event.guardrail, event.category), LabelOutcome::kLate);
}

bool Joiner::CountLabel(LabelEntry& label, std::optional<LabelOutcome> outcome) {
  if (!outcome || label.matched) return false;
  label.matched = true;
  tallies_.Count(label.tally, *outcome);
  return true;
}

// --- Time ---

void Joiner::Advance(const Watermarks& watermarks) {
  honoured_ = watermarks;
  LimitHorizon();
  pending_.Expire(
      watermarks, horizon_limit_,
      [&](const DecisionEntry& d) {
        if (!d.matched) ++tallies_.Decisions(d.tally).orphan;
      },
      [&](const LabelEntry& l) {
        // Every shard holds the labels of logs that carry only labels, and at most one meets the
        // score. The shard that counts the log reports what it could not match; a shard that did
        // match takes that report back.
        if (!l.matched && l.after_horizon) tallies_.Count(l.tally, LabelOutcome::kAfterHorizon);
        const bool accounted = l.matched || l.after_horizon;
        if (l.counts && !accounted) tallies_.Count(l.tally, LabelOutcome::kOrphan);
        if (!l.counts && accounted) tallies_.Count(l.tally, LabelOutcome::kOrphan, -1);
      });
}

void Joiner::LimitPending(std::int64_t bytes) {
  const std::int64_t limit = bytes > 0 ? std::min(bytes, kMostPendingBytes) : kMostPendingBytes;
  if (limit > pending_limit_) horizon_limit_.reset();
  pending_limit_ = limit;
}

// Over the memory limit the label horizon is cut, for every score alike and from here on: which
// labels join follows from the events, never from which entries happen to be the oldest.
void Joiner::LimitHorizon() {
  if (pending_limit_ <= 0 || pending_.bytes() <= pending_limit_) return;
  const EventTime passed = std::min(honoured_.scores, honoured_.labels);
  const auto span = pending_.Span(passed, source_.duplicate_window);
  if (!span) return;
  // What the last cut let go of has not gone yet.
  if (horizon_limit_ && *span > *horizon_limit_ + kHorizonSettles) return;
  const Duration held = horizon_limit_ ? std::min(*span, *horizon_limit_) : *span;
  const Duration cut = held * kHorizonKeptEighths / 8 / kPaneWidth * kPaneWidth;
  horizon_limit_ = std::max(cut, source_.duplicate_window);
}

void Joiner::FlushInto(ShardBatch& batch) {
  accumulator_.FlushInto(batch);
  tallies_.FlushInto(batch);
  batch.new_series = shapes_.names().TakeNewSeries();
  batch.folded_values = shapes_.names().TakeFolded();
  batch.identity_in_two_logs = std::exchange(identity_in_two_logs_, 0);
  batch.pending = pending_.size();
  batch.pending_bytes = pending_.bytes();
  batch.horizon_limit = horizon_limit_;
  shapes_.Sweep();
  if (source_.durable) {
    TakeChanges(batch.state);
  } else {
    pending_.DropChanges();
    (void)shapes_.TakeNew();
    (void)shapes_.TakeForgotten();
  }
}

}  // namespace guardwatch
