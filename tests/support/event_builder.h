#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rfc3339.h"
#include "base/score.h"
#include "event/event.h"

// Events as tests need them: one readable line each, owning the strings that an Event points to.

namespace guardwatch {

// A moment of the day that tests play on, a multiple of every pane width.
inline const EventTime kNoon = *ParseRfc3339("2026-11-22T12:00:00Z");
inline constexpr Duration kTick = std::chrono::microseconds(1);  // The least difference of times.

class EventBuilder {
 public:
  static EventBuilder Scored(std::string request, double p) {
    EventBuilder built(EventKind::kScore, std::move(request));
    built.event_.score = Score::FromClipped(p);
    return built;
  }
  static EventBuilder Classes(std::string request,
                              std::vector<std::pair<std::string, double>> scores) {
    EventBuilder built(EventKind::kScore, std::move(request));
    built.classes_ = std::move(scores);
    return built;
  }
  static EventBuilder Decided(std::string request, guardwatch::Verdict verdict) {
    EventBuilder built(EventKind::kDecision, std::move(request));
    built.event_.verdict = verdict;
    return built;
  }
  static EventBuilder Labeled(std::string request, bool positive) {
    return EventBuilder(EventKind::kLabel, std::move(request)).Label(positive);
  }
  static EventBuilder LabeledAs(std::string request, std::string name) {
    return EventBuilder(EventKind::kLabel, std::move(request)).LabelText(std::move(name));
  }
  static EventBuilder Retracted(std::string request) {
    EventBuilder built(EventKind::kLabel, std::move(request));
    built.event_.label = guardwatch::Label{};
    return built;
  }

  EventBuilder& At(EventTime time) { return event_.time = time, *this; }
  EventBuilder& Guardrail(std::string name) { return guardrail_ = std::move(name), *this; }
  EventBuilder& Category(std::string name) { return category_ = std::move(name), *this; }
  EventBuilder& Model(std::string version) { return model_ = std::move(version), *this; }
  EventBuilder& Policy(std::string version) { return policy_ = std::move(version), *this; }
  EventBuilder& Candidate() { return event_.variant = Variant::kCandidate, *this; }
  EventBuilder& Threshold(double t) { return event_.threshold = t, *this; }
  EventBuilder& Latency(double millis) { return event_.latency_ms = millis, *this; }
  EventBuilder& SampleProbability(double p) { return event_.sample_prob = p, *this; }
  EventBuilder& Verdict(guardwatch::Verdict verdict) {
    event_.verdict = verdict;
    event_.kind = EventKind::kCombined;
    return *this;
  }

  // On a scored event this makes a combined one.
  EventBuilder& Label(bool positive) {
    using Form = LabelValue::Form;
    event_.label = guardwatch::Label{{positive ? Form::kPositive : Form::kNegative, {}}, 0};
    if (event_.kind == EventKind::kScore) event_.kind = EventKind::kCombined;
    return *this;
  }
  EventBuilder& LabelText(std::string text) {
    using Form = LabelValue::Form;
    label_text_ = std::move(text);
    const Form form = label_text_ == "unsafe" || label_text_ == "positive" ? Form::kPositive
                      : label_text_ == "safe" || label_text_ == "negative" ? Form::kNegative
                                                                           : Form::kClassName;
    event_.label = guardwatch::Label{{form, {}}, 0};
    if (event_.kind == EventKind::kScore) event_.kind = EventKind::kCombined;
    return *this;
  }
  EventBuilder& Revision(std::int64_t revision) { return event_.label->revision = revision, *this; }

  // The values of the configured dimensions in their order; nullopt is absent.
  EventBuilder& Cohort(std::vector<std::optional<std::string>> values) {
    return cohort_ = std::move(values), *this;
  }
  // The time that the broker gave the record.
  EventBuilder& RecordedAt(EventTime time) { return recorded_at_ = time, *this; }

  std::optional<EventTime> recorded_at() const { return recorded_at_; }
  EventKind kind() const { return event_.kind; }
  EventTime time() const { return event_.time; }

  // Valid as long as this builder stays as it is.
  Event Build() const {
    class_views_.clear();
    cohort_views_.clear();
    Event event = event_;
    event.request_id = request_;
    event.guardrail = guardrail_;
    event.category = category_;
    event.model_version = model_;
    event.policy_version = policy_;
    if (event.label && !label_text_.empty()) event.label->value.text = label_text_;
    for (const auto& [name, p] : classes_) class_views_.push_back({name, Score::FromClipped(p)});
    for (const auto& value : cohort_) {
      cohort_views_.push_back(value ? CohortValue{true, *value} : CohortValue{});
    }
    event.class_scores = class_views_;
    event.cohort = cohort_views_;
    return event;
  }

 private:
  EventBuilder(EventKind kind, std::string request) : request_(std::move(request)) {
    event_.kind = kind;
    event_.time = kNoon;
  }

  Event event_;
  std::string request_;
  std::string guardrail_ = "toxicity";
  std::string category_;
  std::string model_ = "v1";
  std::string policy_;
  std::string label_text_;
  std::vector<std::pair<std::string, double>> classes_;
  std::vector<std::optional<std::string>> cohort_;
  std::optional<EventTime> recorded_at_;
  mutable std::vector<ClassScore> class_views_;
  mutable std::vector<CohortValue> cohort_views_;
};

}  // namespace guardwatch
