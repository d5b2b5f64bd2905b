// Whatever bytes a topic holds: decoding never fails in any other way than by a reason, gives the
// same answer each time, and an accepted event keeps every promise of event.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/json_writer.h"
#include "codec/json_codec.h"

namespace guardwatch {
namespace {

constexpr std::size_t kMaxIdBytes = 256;
constexpr std::size_t kMaxPayloadBytes = 1u << 20;
constexpr std::int64_t kEarliest = -62'135'596'800'000'000;
constexpr std::int64_t kLatest = 253'402'300'799'999'999;

void CheckText(std::string_view text, std::size_t limit) {
  GUARDWATCH_CHECK(text.size() <= limit);
  // Reads every byte, so that AddressSanitizer sees a view that points elsewhere.
  volatile char last = 0;
  for (const char c : text) last = c;
  static_cast<void>(last);
}

void CheckKind(const Event& event, CarriedKinds carries) {
  const bool is_label = event.kind == EventKind::kLabel;
  const bool is_decision = event.kind == EventKind::kDecision;
  GUARDWATCH_CHECK(event.is_scored() ? carries.scores
                                     : (is_label ? carries.labels : carries.decisions));
  GUARDWATCH_CHECK(event.is_scored() == (event.score || !event.class_scores.empty()));
  GUARDWATCH_CHECK(!(event.score && !event.class_scores.empty()));
  GUARDWATCH_CHECK(!(event.verdict && !event.class_scores.empty()));
  GUARDWATCH_CHECK(!is_label || (event.label && !event.verdict && !event.request_id.empty()));
  GUARDWATCH_CHECK(!is_decision || (event.verdict && !event.label && !event.request_id.empty()));
  GUARDWATCH_CHECK(!event.label || carries.labels);
}

void CheckNumbers(const Event& event) {
  GUARDWATCH_CHECK(Micros(event.time) >= kEarliest && Micros(event.time) <= kLatest);
  GUARDWATCH_CHECK(!event.score || event.score->q <= kScoreOne);
  for (const ClassScore& entry : event.class_scores) {
    GUARDWATCH_CHECK(entry.score.q <= kScoreOne);
    CheckText(entry.name, kMaxIdBytes);
  }
  GUARDWATCH_CHECK(!event.threshold || (*event.threshold >= 0 && *event.threshold <= 1));
  GUARDWATCH_CHECK(!event.sample_prob || (*event.sample_prob > 0 && *event.sample_prob <= 1));
  GUARDWATCH_CHECK(!event.latency_ms || *event.latency_ms >= 0);
}

void CheckEvent(const Event& event, const DecodeContext& context, std::size_t dimensions) {
  GUARDWATCH_CHECK(!event.guardrail.empty());
  for (const std::string_view text : {event.guardrail, event.request_id, event.category,
                                      event.model_version, event.policy, event.policy_version}) {
    CheckText(text, kMaxIdBytes);
  }
  if (event.label) CheckText(event.label->value.text, kMaxIdBytes);
  GUARDWATCH_CHECK(event.cohort.size() == dimensions);
  for (const CohortValue& value : event.cohort) {
    CheckText(value.text, kMaxPayloadBytes);
    GUARDWATCH_CHECK(value.present || value.text.empty());
  }
  CheckKind(event, context.carries);
  CheckNumbers(event);
}

std::string Describe(std::optional<RejectReason> reason, const Event& event) {
  if (reason && *reason != RejectReason::kScoreOutOfRange) return std::string(ToString(*reason));
  JsonWriter json;
  json.BeginArray().Value(ToString(event.kind)).Value(Micros(event.time)).Value(event.guardrail);
  json.Value(event.request_id).Value(event.category).Value(event.model_version);
  json.Value(event.policy).Value(event.policy_version).Value(ToString(event.variant));
  if (event.score) json.Value(event.score->q);
  for (const ClassScore& entry : event.class_scores) json.Value(entry.name).Value(entry.score.q);
  if (event.threshold) json.Value(*event.threshold);
  if (event.verdict) json.Value(ToString(*event.verdict));
  if (event.label) {
    json.Value(static_cast<int>(event.label->value.form)).Value(event.label->value.text);
    json.Value(event.label->revision);
  }
  if (event.sample_prob) json.Value(*event.sample_prob);
  if (event.latency_ms) json.Value(*event.latency_ms);
  for (const CohortValue& value : event.cohort) json.Value(value.present).Value(value.text);
  json.EndArray();
  return json.Take();
}

// The context follows from the payload's size: a topic of some kind, with or without a timestamp.
DecodeContext ContextFor(std::size_t size) {
  DecodeContext context;
  if (size % 3 == 0) context.record_timestamp = EventTimeFromMicros(1'700'000'000'000'000);
  if (size % 8 != 0) context.carries = {size % 5 != 0, size % 7 != 0, size % 11 != 0};
  return context;
}

void Run(std::string_view input) {
  static const std::vector<std::string> dimensions{"lang", "tier"};
  static JsonCodec worn(dimensions);  // Has decoded everything so far.
  const DecodeContext context = ContextFor(input.size());
  const std::vector<char> payload(input.begin(), input.end());  // Nothing readable behind its end.
  const std::string_view view(payload.data(), payload.size());

  static DecodeBuffer buffer;
  Event event;
  const std::optional<RejectReason> reason = worn.Decode(view, context, buffer, event);
  if (!reason) CheckEvent(event, context, dimensions.size());
  const std::string first = Describe(reason, event);

  JsonCodec fresh(dimensions);
  DecodeBuffer other;
  const std::optional<RejectReason> fresh_reason = fresh.Decode(view, context, other, event);
  GUARDWATCH_CHECK(fresh_reason == reason && Describe(fresh_reason, event) == first);
  const std::optional<RejectReason> again = worn.Decode(view, context, buffer, event);
  GUARDWATCH_CHECK(again == reason && Describe(again, event) == first);
}

}  // namespace
}  // namespace guardwatch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  guardwatch::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
