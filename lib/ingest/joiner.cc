#include "ingest/joiner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "ingest/contribution.h"
#include "window/pane.h"

namespace guardwatch {
namespace {

constexpr std::size_t kTallyRowsPerUnit = 4;

// What a label says of an entry. Unusable: a class name for a binary unit, or the reverse.
struct LabelReading {
  bool usable = true;
  std::optional<bool> value;  // Nullopt: a retraction.
};

LabelReading Read(const LabelEntry& label, const ScoreEntry& score) {
  LabelReading reading;
  if (label.form == LabelValue::Form::kRetracted) return reading;
  if (score.is_class) {
    reading.usable = label.text.has_value();
    reading.value = label.text == score.class_name;
  } else {
    reading.usable = label.form != LabelValue::Form::kClassName;
    reading.value = label.form == LabelValue::Form::kPositive;
  }
  return reading;
}

LabelOutcome OutcomeOf(const ScoreEntry& before, std::optional<bool> value) {
  if (!value) return LabelOutcome::kRetracted;
  if (!before.label_key) return LabelOutcome::kJoined;
  return before.positive == value ? LabelOutcome::kRepeated : LabelOutcome::kCorrected;
}

const ClassScore& TopClass(const Event& event) {
  return *std::max_element(
      event.class_scores.begin(), event.class_scores.end(),
      [](const ClassScore& a, const ClassScore& b) { return a.score < b.score; });
}

}  // namespace

Joiner::Joiner(const SourceOptions& source, CarriedKinds source_carries, HashSeed seed)
    : source_(source),
      carries_(source_carries),
      seed_(seed),
      no_category_(NameHash("")),
      top_label_(NameHash(kTopLabel)),
      longest_horizon_(LongestHorizon(source)),
      names_(source, seed),
      tallies_(static_cast<std::size_t>(source.max_units) * kTallyRowsPerUnit) {}

Hash128 Joiner::RequestHash(const Event& event) {
  scratch_.assign(event.guardrail);
  scratch_.push_back('\xff');  // Not part of any UTF-8 text.
  scratch_ += event.request_id;
  return SipHash128(scratch_, seed_);
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

// --- Scores ---

bool Joiner::TakeScored(const Event& event, const Arrival& arrival) {
  const bool vector = !event.class_scores.empty();
  const std::uint64_t identity = vector ? top_label_ : NameHash(event.category);
  const bool duplicate =
      !event.request_id.empty() && IsDuplicate(RequestHash(event), identity, event, arrival);
  // Nothing can join an event without a request id, but its own label still belongs to it.
  std::optional<LabelEntry> own_label;
  if (event.label && event.request_id.empty()) own_label = NewLabel(event, *event.label, arrival);
  LabelEntry* const own = own_label ? &*own_label : nullptr;
  if (!duplicate && vector) {
    for (const ClassScore& each : event.class_scores) {
      TakeScore(event, each.name, each.score, NameHash(each.name), own, arrival);
    }
    const ClassScore& top = TopClass(event);
    TakeScore(event, kTopLabel, top.score, NameHash(top.name), own, arrival);
  } else if (!duplicate) {
    TakeScore(event, event.category, *event.score, std::nullopt, own, arrival);
  }
  if (event.label && !event.request_id.empty()) TakeLabel(event, *event.label, arrival);
  return !duplicate;
}

bool Joiner::IsDuplicate(const Hash128& request, std::uint64_t category, const Event& event,
                         const Arrival& arrival) {
  bool held = false;
  bool held_elsewhere = false;
  pending_.ForEachScore(request, [&](const ScoreEntry& entry) {
    if (entry.category != category || entry.variant != event.variant) return;
    const Duration apart = std::chrono::abs(entry.time - event.time);
    if (apart > source_.duplicate_window) return;
    (entry.log == arrival.log ? held : held_elsewhere) = true;
  });
  if (held_elsewhere && !held) ++identity_in_two_logs_;
  return held;
}

ScoreEntry Joiner::NewEntry(const Event& event, std::string_view category, const Arrival& arrival) {
  ScoreEntry entry;
  entry.request = RequestHash(event);
  entry.time = event.time;
  entry.category = NameHash(category);
  entry.log = arrival.log;
  entry.variant = event.variant;
  entry.series = names_.Resolve(event, category);
  return entry;
}

void Joiner::TakeScore(const Event& event, std::string_view category, Score score,
                       std::optional<std::uint64_t> class_name, LabelEntry* own_label,
                       const Arrival& arrival) {
  ScoreEntry entry = NewEntry(event, category, arrival);
  const GuardrailSettings& settings = SettingsOf(entry);
  entry.score = score;
  entry.is_class = class_name.has_value();
  entry.class_name = class_name.value_or(0);
  entry.own_threshold = event.threshold ? event.threshold : settings.threshold;
  entry.errored = event.verdict == Verdict::kError;
  const bool decided_here = !entry.errored && !settings.decided_by_decision_events;
  if (decided_here && event.verdict) {
    entry.flagged = IsFlagged(*event.verdict);
  } else if (decided_here && entry.own_threshold) {
    entry.flagged = Flags(Threshold::FromClipped(*entry.own_threshold), score);
  } else {
    entry.waits = !entry.errored;
  }
  if (entry.errored || entry.flagged) {
    const Verdict derived = entry.flagged.value_or(false) ? Verdict::kFlag : Verdict::kAllow;
    accumulator_.CountVerdict(entry.series.whole, event.verdict.value_or(derived));
  }
  const PaneIndex pane = PaneOf(event.time);
  if (!event.policy_version.empty()) {
    accumulator_.CountEpoch(EpochTally::Field::kPolicyVersion, entry.series.whole, pane,
                            event.policy_version);
  }
  if (entry.own_threshold) {
    std::array<char, 32> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), *entry.own_threshold).ptr;
    accumulator_.CountEpoch(EpochTally::Field::kThreshold, entry.series.whole, pane,
                            {digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  ContributeArrival(entry, Sampled(event.request_id), event.latency_ms, accumulator_);
  ContributeDecision(entry, settings.band, +1, accumulator_);
  if (!event.request_id.empty()) {
    Register(event, entry);
  } else if (own_label != nullptr) {
    CountLabel(*own_label, Match(entry, *own_label));
  }
}

void Joiner::Register(const Event& event, ScoreEntry& fresh) {
  const bool joins = carries_.decisions || (carries_.labels && Sampled(event.request_id));
  const Duration horizon = joins ? SettingsOf(fresh).label_horizon : Duration{};
  const Duration kept = std::max(source_.duplicate_window, horizon) + kPaneWidth;
  ScoreEntry& entry = pending_.Add(fresh, fresh.time + kept);
  pending_.ForEachDecision(entry.request, [&](DecisionEntry& d) { Match(entry, d); });
  held_labels_.clear();
  pending_.ForEachLabel(entry.request, [&](LabelEntry& l) { held_labels_.push_back(&l); });
  // Lists are newest first; taken oldest first, a label that was corrected counts as joined.
  for (auto at = held_labels_.rbegin(); at != held_labels_.rend(); ++at) {
    CountLabel(**at, Match(entry, **at));
  }
}

void Joiner::TakeInvalidScore(const Event& event) {
  const SeriesSet series = names_.Resolve(event, event.class_vector ? kTopLabel : event.category);
  const PaneIndex pane = PaneOf(event.time);
  accumulator_.At(series.whole, pane).invalid_scores += 1;
  for (std::size_t i = 0; i < series.slice_count; ++i) {
    accumulator_.At(series.slices[i], pane).invalid_scores += 1;
  }
}

// --- Decisions ---

bool Joiner::TakeDecision(const Event& event, const Arrival& arrival) {
  ScoreEntry entry = NewEntry(event, event.category, arrival);
  const GuardrailSettings& settings = SettingsOf(entry);
  const bool errored = *event.verdict == Verdict::kError;
  if (errored || settings.decisions_only) {
    if (!errored && IsDuplicate(entry.request, entry.category, event, arrival)) return false;
    entry.errored = errored;
    if (!errored) entry.flagged = IsFlagged(*event.verdict);
    accumulator_.CountVerdict(entry.series.whole, *event.verdict);
    ContributeArrival(entry, !errored && Sampled(event.request_id), event.latency_ms, accumulator_);
    ContributeDecision(entry, settings.band, +1, accumulator_);
    if (!errored) Register(event, entry);
    return true;
  }
  DecisionEntry decision{.request = entry.request,
                         .time = event.time,
                         .category = entry.category,
                         .variant = event.variant,
                         .place = arrival.place,
                         .watermark_before = arrival.watermark_before,
                         .verdict = *event.verdict,
                         .threshold = event.threshold,
                         .tally = tallies_.RowOf(event.guardrail, event.category)};
  DecisionEntry& held = pending_.Add(decision, decision.time + source_.label_early + kPaneWidth);
  pending_.ForEachScore(held.request, [&](ScoreEntry& score) { Match(score, held); });
  return true;
}

void Joiner::Match(ScoreEntry& score, DecisionEntry& decision) {
  if (score.category != decision.category || score.variant != decision.variant) return;
  if (score.errored || decision.time < score.time - source_.label_early) return;
  const bool flags = IsFlagged(decision.verdict);
  DecisionOutcomes& outcomes = tallies_.Decisions(decision.tally);
  if (score.waits) {
    const EventTime pane_end = PaneEndOf(score.time);
    const bool in_time = decision.watermark_before < pane_end && honoured_.scores < pane_end;
    if (in_time && (!score.decided_at || decision.place < *score.decided_at)) {
      Decide(score, decision);
      decision.matched = true;
      ++outcomes.joined;
      return;
    }
  }
  if (decision.time > score.time + SettingsOf(score).label_horizon) return;
  decision.matched = true;
  if (!score.flagged) {
    ++outcomes.late;
  } else {
    ++(*score.flagged == flags ? outcomes.agreement : outcomes.disagreement);
  }
}

void Joiner::Decide(ScoreEntry& score, const DecisionEntry& decision) {
  const double band = SettingsOf(score).band;
  ContributeConfusion(score, -1, accumulator_);
  ContributeDecision(score, band, -1, accumulator_);
  score.flagged = IsFlagged(decision.verdict);
  score.decided_at = decision.place;
  score.event_threshold = decision.threshold;
  ContributeDecision(score, band, +1, accumulator_);
  ContributeConfusion(score, +1, accumulator_);
  accumulator_.CountVerdict(score.series.whole, decision.verdict);
}

// --- Labels ---

std::optional<LabelEntry> Joiner::NewLabel(const Event& event, const Label& label,
                                           const Arrival& arrival) {
  LabelEntry entry;
  entry.request = RequestHash(event);
  entry.key = {label.revision, event.time, arrival.place};
  if (!event.category.empty()) entry.category = NameHash(event.category);
  entry.form = label.value.form;
  if (label.value.text.data() != nullptr && !label.value.text.empty()) {
    entry.text = NameHash(label.value.text);
  }
  entry.tally = tallies_.RowOf(event.guardrail, event.category);
  entry.counts = arrival.counts;
  if (Sampled(event.request_id)) return entry;
  if (entry.counts) tallies_.Count(entry.tally, LabelOutcome::kUnsampled);
  return std::nullopt;
}

void Joiner::TakeLabel(const Event& event, const Label& label, const Arrival& arrival) {
  auto fresh = NewLabel(event, label, arrival);
  if (!fresh) return;
  LabelEntry& held = pending_.Add(*fresh, event.time + source_.label_early + kPaneWidth);
  std::optional<LabelOutcome> best;  // A class vector has many entries; the event counts once.
  pending_.ForEachScore(held.request, [&](ScoreEntry& score) {
    const auto outcome = Match(score, held);
    if (outcome && (!best || *outcome < *best)) best = outcome;
  });
  CountLabel(held, best);
}

std::optional<LabelOutcome> Joiner::Match(ScoreEntry& score, LabelEntry& label) {
  const bool addressed = label.category ? *label.category == score.category
                                        : score.category == no_category_ || score.is_class;
  if (!addressed || label.key.time < score.time - source_.label_early) return std::nullopt;
  if (label.key.time > score.time + SettingsOf(score).label_horizon) {
    label.after_horizon = true;
    return std::nullopt;
  }
  if (Matured(score.time)) return LabelOutcome::kLateForMatured;
  const LabelReading reading = Read(label, score);
  if (!reading.usable) return LabelOutcome::kUnusable;
  if (score.label_key && label.key <= *score.label_key) return LabelOutcome::kStale;
  const LabelOutcome outcome = OutcomeOf(score, reading.value);
  ContributeLabel(score, -1, accumulator_);
  score.positive = reading.value;
  score.label_key = label.key;
  ContributeLabel(score, +1, accumulator_);
  return outcome;
}

void Joiner::CountLateLabel(const Event& event) {
  tallies_.Count(tallies_.RowOf(event.guardrail, event.category), LabelOutcome::kLate);
}

void Joiner::CountLabel(LabelEntry& label, std::optional<LabelOutcome> outcome) {
  if (!outcome || label.matched) return;
  label.matched = true;
  tallies_.Count(label.tally, *outcome);
}

// --- Time ---

void Joiner::Advance(const Watermarks& watermarks) {
  honoured_ = watermarks;
  pending_.Expire(
      watermarks,
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

void Joiner::FlushInto(ShardBatch& batch) {
  accumulator_.FlushInto(batch);
  tallies_.FlushInto(batch);
  batch.new_series = names_.TakeNewSeries();
  batch.folded_values = names_.TakeFolded();
  batch.identity_in_two_logs = std::exchange(identity_in_two_logs_, 0);
  batch.pending = pending_.size();
}

}  // namespace guardwatch
