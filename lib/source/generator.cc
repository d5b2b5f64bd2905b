#include "source/generator.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hash.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kPane = seconds(10);
constexpr double kCanaryShare = 0.1;
constexpr double kCrowdedShare = 0.25;             // Of prompt-injection, while its scores crowd.
constexpr double kRegressedShare = 0.45;           // Of the `de` cohort, while it regresses.
constexpr std::uint32_t kSuspectMargin = 100'000;  // How far below the threshold reviewers look.
constexpr std::uint32_t kUnsureTop = 600'000;      // A top class below it is reviewed as a suspect.

// The score whose odds are the square of p's: farther from one half on either side.
std::uint32_t Sharpened(std::uint32_t p) {
  const std::uint64_t yes = std::uint64_t{p} * p;
  const std::uint64_t no = std::uint64_t{kMillion - p} * (kMillion - p);
  return static_cast<std::uint32_t>(yes * kMillion / (yes + no));
}

// The score whose odds are three times those of p.
std::uint32_t Raised(std::uint32_t p) {
  const std::uint64_t yes = std::uint64_t{p} * 3;
  return static_cast<std::uint32_t>(yes * kMillion / (yes + kMillion - p));
}

std::uint8_t DrawClass(Random& random, const Draft& draft) {
  std::uint32_t at = random.Below(kMillion);
  std::uint8_t index = 0;
  while (at >= draft.scores[index]) at -= draft.scores[index++];
  return index;
}

bool IsSuspect(const Draft& scored) {
  if (scored.guardrail == kTopicRouter) return std::ranges::max(scored.scores) < kUnsureTop;
  return scored.scores[0] + kSuspectMargin >= ThresholdOf(scored);
}

}  // namespace

Generator::Generator(ScenarioOptions options)
    : options_(std::move(options)),
      seed_(Mix64(options_.seed)),
      interval_nanos_(static_cast<std::int64_t>(kEventsPerRequest * 1e9 / options_.rate)),
      change_(options_.start + ChangeAfter(options_)),
      recovery_(options_.recover_after ? options_.start + *options_.recover_after : kEndOfTime) {
  GUARDWATCH_CHECK(Validate(options_).has_value());
}

EventTime Generator::EarliestOfRequest(std::int64_t request) const {
  return options_.start + Duration(request * interval_nanos_ / 1000);
}

bool Generator::IsChanged(EventTime time) const { return change_ <= time && time < recovery_; }

std::optional<EventTime> Generator::NextTimestamp() {
  // Whatever a later request brings cannot be produced before that request is made.
  while (RequestsLeft() &&
         (pending_.empty() || pending_.front().produced > EarliestOfRequest(requests_))) {
    MakeRequest();
  }
  if (pending_.empty()) return std::nullopt;
  return pending_.front().produced;
}

bool Generator::Next(GeneratedRecord& record) {
  if (!NextTimestamp()) return false;
  std::ranges::pop_heap(pending_, std::greater{}, [](const Pending& pending) {
    return std::pair(pending.produced, pending.sequence);
  });
  const Pending& next = pending_.back();
  const Draft& draft = next.draft;
  const bool label = draft.kind == DraftKind::kLabel;
  const auto partitions =
      static_cast<std::uint64_t>(label ? options_.label_partitions : options_.partitions);
  record.topic = label ? options_.labels_topic : options_.events_topic;
  record.partition = static_cast<std::int32_t>(Mix64(draft.request) % partitions);
  record.key = draft.has_request_id ? RequestId(draft.request) : std::string();
  record.payload = PayloadOf(draft);
  record.timestamp = next.produced;
  pending_.pop_back();
  return true;
}

void Generator::MakeRequest() {
  const auto number = static_cast<std::uint64_t>(requests_);
  Random random(seed_ + number);
  Draft request;
  request.request = Mix64(seed_ ^ number);
  request.time = EarliestOfRequest(requests_) +
                 random.Between(Duration::zero(), Duration(interval_nanos_ / 1000));
  request.language = DrawLanguage(random);
  request.tier = DrawTier(random);
  request.canary = random.Chance(kCanaryShare);
  ++requests_;
  for (const Guardrail guardrail : {kPromptInjection, kHate, kThreat, kPii, kTopicRouter}) {
    if (guardrail == kTopicRouter && !random.Chance(kRouterShare)) continue;
    request.guardrail = guardrail;
    if (RequestsLeft()) MakeScored(random, request);
  }
  if (random.Chance(options_.imperfections.malformed)) {
    request.kind = DraftKind::kMalformed;
    request.request = Mix64(request.request);
    request.fault = static_cast<std::uint8_t>(random.Below(kFaults));
    Push(request, Transit(random, request));
  }
}

void Generator::MakeScored(Random& random, Draft draft) {
  const GuardrailProfile& profile = ProfileOf(draft.guardrail);
  draft.latency_micros = DrawLatencyMicros(random);
  draft.time += Duration(draft.latency_micros);
  draft.has_request_id = !random.Chance(options_.imperfections.missing_ids);
  draft.error = draft.guardrail != kTopicRouter && random.Chance(options_.imperfections.errors);
  std::uint32_t probability = 0;
  if (draft.guardrail == kTopicRouter) {
    draft.scores = DrawTopicScores(random);
  } else {
    probability = random.Draw(profile.scores);
    draft.scores[0] = probability;
    Disturb(random, draft, probability);
  }
  // A failed call has no score to tell, or one that came too late to be used. A decision event
  // needs an id.
  if (draft.error && (profile.decides_in_own_event || random.Chance(0.5))) {
    draft.has_request_id = true;
    draft.kind = DraftKind::kDecision;
    return Produce(random, draft);
  }
  ++scored_;
  const bool combined = draft.guardrail != kTopicRouter && !profile.decides_in_own_event;
  draft.kind = combined ? DraftKind::kCombined : DraftKind::kScore;
  Produce(random, draft);
  if (!draft.has_request_id || draft.error) return;
  if (profile.decides_in_own_event) MakeDecision(random, draft);
  MakeLabels(random, draft,
             draft.guardrail == kTopicRouter ? DrawClass(random, draft)
                                             : std::uint8_t{random.Below(kMillion) < probability});
}

// Applies what the scenario breaks to a calibrated score. `true_probability` is that of the label.
void Generator::Disturb(Random& random, Draft& draft, std::uint32_t& true_probability) const {
  if (!IsChanged(draft.time)) return;
  std::uint32_t& score = draft.scores[0];
  const bool injection = draft.guardrail == kPromptInjection;
  switch (options_.scenario) {
    case Scenario::kCalibrationDrift:
      if (draft.guardrail == kHate) score = Sharpened(score);
      break;
    case Scenario::kBandWidening:
      if (injection && random.Chance(kCrowdedShare)) {
        score = 740'000 + random.Below(120'000);
        true_probability = score;
      }
      break;
    case Scenario::kCohortRegression:
      if (injection && draft.language == kGerman && random.Chance(kRegressedShare)) {
        score = 800'000 + random.Below(170'000);
      }
      break;
    case Scenario::kScoreShift:
      if (draft.guardrail == kPii) score = Raised(score);
      break;
    case Scenario::kThresholdMoved:
      draft.policy_moved = injection;
      break;
    case Scenario::kCalm:
    case Scenario::kLabelOutage:
      break;
  }
}

void Generator::MakeDecision(Random& random, Draft draft) {
  if (random.Chance(options_.imperfections.lost_decisions)) return;
  draft.kind = DraftKind::kDecision;
  draft.time += random.Between(milliseconds(1), milliseconds(20));
  Produce(random, draft);
}

void Generator::MakeLabels(Random& random, const Draft& scored, std::uint8_t truth) {
  Draft label = scored;
  label.kind = DraftKind::kLabel;
  label.label = truth;
  label.sample_prob = IsSuspect(scored) ? options_.reviewed_suspects : options_.reviewed_rest;
  if (!random.Chance(label.sample_prob)) return;
  label.time += DrawReviewDelay(random, options_.label_delay);
  const auto produce = [&] {
    const bool silenced = options_.scenario == Scenario::kLabelOutage && IsChanged(label.time);
    if (!silenced) Produce(random, label);
  };
  const bool corrected = random.Chance(options_.imperfections.corrections);
  const bool retracted = random.Chance(options_.imperfections.retractions);
  if (corrected) {
    const std::size_t values = scored.guardrail == kTopicRouter ? kTopics.size() : 2;
    label.label = static_cast<std::uint8_t>((truth + 1u) % values);
  }
  produce();
  label.time += random.Between(options_.label_delay / 10, 2 * options_.label_delay);
  if (corrected) {
    label.label = truth;
    label.revision = 1;
    produce();
  }
  if (retracted) {
    label.time += random.Between(Duration(1), options_.label_delay);
    label.retracts = true;
    ++label.revision;
    produce();
  }
}

// Sends the record on its way, sometimes twice.
void Generator::Produce(Random& random, const Draft& draft) {
  const Duration delay = Transit(random, draft);
  Push(draft, delay);
  if (random.Chance(options_.imperfections.duplicates)) {
    Push(draft, delay + random.Between(milliseconds(5), options_.allowed_lateness / 4));
  }
}

Duration Generator::Transit(Random& random, const Draft& draft) const {
  const bool label = draft.kind == DraftKind::kLabel;
  const Duration allowed = label ? options_.label_lateness : options_.allowed_lateness;
  if (random.Chance(options_.imperfections.late)) {
    return kPane + random.Between(allowed + allowed / 2, 3 * allowed);
  }
  if (random.Chance(options_.imperfections.out_of_order)) {
    return random.Between(allowed / 20, allowed / 2);
  }
  return random.Between(milliseconds(1), label ? allowed / 20 : Duration(milliseconds(40)));
}

void Generator::Push(const Draft& draft, Duration delay) {
  // Brokers keep milliseconds. Rounding up keeps the record's timestamp from cutting its event
  // time.
  const std::int64_t millis = FloorDivide(Micros(draft.time + delay) + 999, 1000);
  pending_.push_back({EventTimeFromMicros(millis * 1000), pushed_++, draft});
  std::ranges::push_heap(pending_, std::greater{}, [](const Pending& pending) {
    return std::pair(pending.produced, pending.sequence);
  });
}

}  // namespace guardwatch
