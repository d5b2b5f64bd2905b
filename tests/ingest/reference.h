#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/source_run.h"

// The rules of counting and joining, read plainly: every event is held against every other one,
// nothing is forgotten, and nothing arrives in any order. Slow, short, and independent of ingest.

namespace guardwatch {

struct RecordedStream {
  std::vector<TestTopic> topics;
  std::vector<TestLog> logs;
  std::vector<std::vector<EventBuilder>> records;  // By log.
};

using Panes = std::map<std::pair<SeriesKey, PaneIndex>, Aggregate>;

class Reference {
 public:
  Reference(const SourceOptions& source, const RecordedStream& stream)
      : source_(source), stream_(stream) {}

  Panes Compute() {
    for (std::size_t log = 0; log < stream_.logs.size(); ++log) ReadLog(log);
    for (const Counted& counted : counted_) Count(counted);
    return std::move(panes_);
  }

 private:
  struct Place {
    std::uint32_t rank = 0;
    std::int32_t partition = 0;
    std::size_t offset = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct Admitted {
    Event event;
    std::size_t log = 0;
    Place place;
    EventTime watermark_before{};
  };
  // A score, one class of a vector, or a decision that is counted itself.
  struct Counted {
    Admitted from;
    std::string category;
    std::optional<Score> score;
    std::optional<std::string> class_name;
  };

  GuardrailSettings SettingsOf(std::string_view guardrail, std::string_view category) const {
    return ResolveSettings(source_, guardrail, category);
  }

  void ReadLog(std::size_t log) {
    std::optional<EventTime> progress;
    std::vector<Event> identities;
    const auto behind = [&](Duration d) { return progress ? *progress - d : kBeginningOfTime; };
    for (std::size_t offset = 0; offset < stream_.records[log].size(); ++offset) {
      const Event event = stream_.records[log][offset].Build();
      const TestLog& spec = stream_.logs[log];
      const bool label_event = event.kind == EventKind::kLabel;
      const EventTime watermark =
          behind(label_event ? source_.label_lateness : source_.allowed_lateness);
      const Admitted admitted{
          event, log, {spec.topic_rank, spec.partition, offset}, behind(source_.allowed_lateness)};
      progress = std::max(progress.value_or(event.time), event.time);
      if (PaneEndOf(event.time) <= watermark) continue;
      if (event.label && !event.request_id.empty()) labels_.push_back(admitted);
      if (!label_event) Admit(admitted, identities);
    }
  }

  void Admit(const Admitted& admitted, std::vector<Event>& identities) {
    const Event& event = admitted.event;
    const bool decision = event.kind == EventKind::kDecision;
    const bool counts_itself =
        decision && SettingsOf(event.guardrail, event.category).decisions_only;
    const bool errored = decision && event.verdict == Verdict::kError;
    if (decision && !counts_itself && !errored) {
      decisions_.push_back(admitted);
      return;
    }
    if (!errored && !event.request_id.empty()) {
      for (const Event& held : identities) {
        if (SameIdentity(held, event)) return;
      }
      identities.push_back(event);
    }
    if (decision) {
      counted_.push_back({admitted, std::string(event.category), std::nullopt, std::nullopt});
    } else if (event.class_scores.empty()) {
      counted_.push_back({admitted, std::string(event.category), event.score, std::nullopt});
    } else {
      const ClassScore* top = &event.class_scores[0];
      for (const ClassScore& each : event.class_scores) {
        counted_.push_back({admitted, std::string(each.name), each.score, std::string(each.name)});
        if (each.score > top->score) top = &each;
      }
      counted_.push_back({admitted, std::string(kTopLabel), top->score, std::string(top->name)});
    }
  }

  bool SameIdentity(const Event& a, const Event& b) const {
    return a.guardrail == b.guardrail && a.category == b.category && a.variant == b.variant &&
           a.request_id == b.request_id && a.class_scores.empty() == b.class_scores.empty() &&
           std::chrono::abs(a.time - b.time) <= source_.duplicate_window;
  }

  // Whether the two are offered to a shard together.
  bool Meet(std::size_t a, std::size_t b) const {
    const auto& shards = stream_.logs[b].shards;
    return std::find(shards.begin(), shards.end(), stream_.logs[a].shards[0]) != shards.end();
  }

  const Admitted* DecisionOf(const Counted& counted) const {
    const Event& score = counted.from.event;
    const Admitted* least = nullptr;
    for (const Admitted& each : decisions_) {
      const Event& decision = each.event;
      if (!Meet(counted.from.log, each.log) || score.request_id.empty() ||
          decision.guardrail != score.guardrail || decision.category != counted.category ||
          decision.variant != score.variant || decision.request_id != score.request_id) {
        continue;
      }
      if (decision.time < score.time - source_.label_early) continue;
      if (each.watermark_before >= PaneEndOf(score.time)) continue;
      if (least == nullptr || each.place < least->place) least = &each;
    }
    return least;
  }

  std::optional<LabelValue> LabelOf(const Counted& counted, Duration horizon) const {
    const Event& score = counted.from.event;
    const auto key = [](const Admitted& a) {
      return std::tuple(a.event.label->revision, a.event.time, a.place);
    };
    const Admitted* greatest = nullptr;
    for (const Admitted& each : labels_) {
      const Event& label = each.event;
      if (!Meet(counted.from.log, each.log) || label.guardrail != score.guardrail ||
          label.request_id != score.request_id || label.time < score.time - source_.label_early ||
          label.time > score.time + horizon) {
        continue;
      }
      const bool addressed = label.category.empty()
                                 ? counted.category.empty() || counted.class_name.has_value()
                                 : label.category == counted.category;
      if (!addressed || !Usable(label.label->value, counted.class_name.has_value())) continue;
      if (greatest == nullptr || key(*greatest) < key(each)) greatest = &each;
    }
    if (greatest == nullptr) return std::nullopt;
    const LabelValue& value = greatest->event.label->value;
    if (value.form == LabelValue::Form::kRetracted) return std::nullopt;
    return value;
  }

  static bool Usable(const LabelValue& value, bool for_class) {
    if (value.form == LabelValue::Form::kRetracted) return true;
    return for_class ? !value.text.empty() : value.form != LabelValue::Form::kClassName;
  }

  void Count(const Counted& counted) {
    const Event& event = counted.from.event;
    const GuardrailSettings settings = SettingsOf(event.guardrail, counted.category);
    const bool errored = event.verdict == Verdict::kError;
    std::optional<double> threshold = event.threshold ? event.threshold : settings.threshold;
    std::optional<bool> flagged;
    bool waits = false;
    if (errored) {
      threshold.reset();
    } else if (event.verdict && !(counted.score && settings.decided_by_decision_events)) {
      flagged = IsFlagged(*event.verdict);
    } else if (threshold && !settings.decided_by_decision_events) {
      flagged = Flags(Threshold::FromClipped(*threshold), *counted.score);
    } else {
      waits = true;
      if (const Admitted* decision = DecisionOf(counted)) {
        flagged = IsFlagged(*decision->event.verdict);
        if (decision->event.threshold) threshold = decision->event.threshold;
      }
    }
    const bool error_event = errored && event.kind == EventKind::kDecision;
    std::optional<LabelValue> label;
    if (!error_event && !event.request_id.empty()) {
      label = LabelOf(counted, settings.label_horizon);
    } else if (!error_event && event.label && Usable(event.label->value, !!counted.class_name)) {
      const LabelValue& own = event.label->value;
      const bool addressed = counted.class_name || counted.category == event.category;
      if (addressed && own.form != LabelValue::Form::kRetracted) label = own;
    }
    std::optional<bool> positive;
    if (label) {
      positive = counted.class_name ? label->text == *counted.class_name
                                    : label->form == LabelValue::Form::kPositive;
    }
    SeriesKey key{{source_.name, std::string(event.guardrail), counted.category},
                  std::string(event.model_version),
                  event.variant,
                  {}};
    const auto add = [&](int grid) {
      Aggregate& a = panes_[{key, PaneOf(event.time)}];
      a.sampled += error_event ? 0 : 1;
      a.errors += errored;
      a.decided += flagged.has_value();
      a.flagged += flagged.value_or(false);
      a.undecided += waits && !flagged;
      if (counted.score) AddScore(*counted.score, threshold, settings.band, grid, a);
      if (positive) AddLabel(counted.score, *positive, flagged, grid, a);
    };
    add(score_grid::kFine);
    if (label && counted.category == kTopLabel) {
      const LabeledClasses::Pair pair{label->text, *counted.class_name, 1};
      panes_[{key, PaneOf(event.time)}].classes += LabeledClasses({&pair, 1});
    }
    const CohortValue lang = event.cohort.empty() ? CohortValue{} : event.cohort[0];
    key.slice = {"lang", std::string(lang.present ? lang.text : kNone)};
    add(score_grid::kCoarse);
  }

  static void AddScore(Score score, std::optional<double> threshold, double band, int grid,
                       Aggregate& a) {
    const Int128 q = score.q;
    a.scored += 1;
    a.score_q += q;
    a.score_q_squared += q * q;
    a.saturated += q == 0 || q == kScoreOne;
    a.histogram.AddScore(score_grid::BinOf(score, grid));
    a.with_threshold += threshold.has_value();
    a.in_band += threshold && score.q >= Score::FromClipped(*threshold - band).q &&
                 score.q <= Score::FromClipped(*threshold + band).q;
  }

  static void AddLabel(std::optional<Score> score, bool positive, std::optional<bool> flagged,
                       int grid, Aggregate& a) {
    a.labeled += 1;
    a.positive += positive;
    if (flagged) {
      a.true_positive += *flagged && positive;
      a.false_positive += *flagged && !positive;
      a.true_negative += !*flagged && !positive;
      a.false_negative += !*flagged && positive;
    }
    if (!score) return;
    const Int128 q = score->q;
    a.loss += LogLossQ24(*score, positive);
    a.labeled_score_q_squared += q * q;
    a.positive_score_q += positive ? q : 0;
    a.reliability.Add(*score, positive);
    a.histogram.AddLabel(*score, grid, positive);
  }

  const SourceOptions& source_;
  const RecordedStream& stream_;
  std::vector<Counted> counted_;
  std::vector<Admitted> decisions_;
  std::vector<Admitted> labels_;
  Panes panes_;
};

inline Panes ReferencePanes(const SourceOptions& source, const RecordedStream& stream) {
  return Reference(source, stream).Compute();
}

}  // namespace guardwatch
