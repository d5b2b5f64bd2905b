#include "codec/event_builder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace guardwatch {
namespace {

using Type = JsonValue::Type;

constexpr std::size_t kMaxIdBytes = 256;

// As == would say, with the length known when this is compiled: no call for a few bytes.
template <std::size_t N>
bool Is(std::string_view text, const char (&name)[N]) {
  return text.size() == N - 1 && std::memcmp(text.data(), name, N - 1) == 0;
}

std::optional<EventKind> KindNamed(std::string_view name) {
  if (Is(name, "combined")) return EventKind::kCombined;
  if (Is(name, "score")) return EventKind::kScore;
  if (Is(name, "label")) return EventKind::kLabel;
  if (Is(name, "decision")) return EventKind::kDecision;
  return std::nullopt;
}

std::optional<Verdict> VerdictNamed(std::string_view name) {
  if (Is(name, "allow")) return Verdict::kAllow;
  if (Is(name, "block")) return Verdict::kBlock;
  if (Is(name, "flag")) return Verdict::kFlag;
  if (Is(name, "redact")) return Verdict::kRedact;
  if (Is(name, "escalate")) return Verdict::kEscalate;
  if (Is(name, "error")) return Verdict::kError;
  return std::nullopt;
}

// An integer however it is written: 2, 2.0 and 2e0 are the same JSON number.
std::optional<std::int64_t> ParseInt64(const JsonValue& value) {
  std::int64_t integer = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, integer);
  if (error == std::errc{} && stop == end) return integer;
  const bool fits = std::fabs(value.number) <= 0x1p53;
  if (!fits || value.number != std::trunc(value.number)) return std::nullopt;
  return static_cast<std::int64_t>(value.number);
}

// Goes through the fields and remembers the first reason, in RejectReason's order, to reject them.
class EventBuilder {
 public:
  EventBuilder(JsonFields& fields, const DecodeContext& context, TimeReader& times,
               DecodeBuffer& buffer, Event& event)
      : fields_(fields), context_(context), times_(times), buffer_(buffer), event_(event) {}

  std::optional<RejectReason> Build() {
    Clear();
    const std::optional<EventKind> kind = ReadKind();
    if (kind) event_.kind = *kind;
    ReadNames();
    ReadTime();
    ReadNumbers();
    ReadCohort();
    if (kind) ReadByKind();
    return reason_;
  }

 private:
  void Reject(RejectReason reason) {
    if (!reason_ || reason < *reason_) reason_ = reason;
  }

  // Every member but the names and the cohort, which are always set. One by one, since most are
  // cleared by a single byte: assigning an empty event writes hundreds.
  void Clear() {
    event_.kind = EventKind::kScore;
    event_.time = {};
    event_.variant = Variant::kLive;
    event_.score = {};
    event_.class_scores = {};
    event_.class_vector = false;
    event_.threshold = {};
    event_.verdict = {};
    event_.label = {};
    event_.sample_prob = {};
    event_.latency_ms = {};
    buffer_.class_scores.clear();
  }

  // The field's value if there is one of that type; one of another type is rejected.
  const JsonValue* Find(Field field, Type type) {
    if (!fields_.Contains(field)) return nullptr;
    const JsonValue& value = fields_.ValueOf(field);
    if (value.type == type) [[likely]]
      return &value;
    if (value.type != Type::kNull) Reject(RejectReason::kBadType);
    return nullptr;
  }

  bool HasScore() const {
    return fields_.Find(Field::kScore) != nullptr || fields_.Find(Field::kLogit) != nullptr ||
           fields_.Find(Field::kClassScores) != nullptr;
  }

  std::optional<EventKind> ReadKind() {
    if (fields_.Find(Field::kKind) != nullptr) return ReadExplicitKind();
    const bool has_verdict = fields_.Find(Field::kVerdict) != nullptr;
    if (HasScore()) {
      const bool combined = has_verdict || fields_.Find(Field::kLabel) != nullptr;
      return combined ? EventKind::kCombined : EventKind::kScore;
    }
    if (fields_.Contains(Field::kLabel)) return EventKind::kLabel;
    if (has_verdict) return EventKind::kDecision;
    Reject(RejectReason::kMissingField);
    return std::nullopt;
  }

  std::optional<EventKind> ReadExplicitKind() {
    const JsonValue* const value = Find(Field::kKind, Type::kString);
    if (value == nullptr) return std::nullopt;
    const std::optional<EventKind> kind = KindNamed(value->text);
    if (!kind) Reject(RejectReason::kBadType);
    return kind;
  }

  std::string_view ReadName(Field field) {
    const JsonValue* const value = Find(field, Type::kString);
    if (value == nullptr) return {};
    if (value->text.size() > kMaxIdBytes) Reject(RejectReason::kIdTooLong);
    return value->text;
  }

  // A name that may be absent but not empty.
  std::string_view ReadNonEmptyName(Field field) {
    const std::string_view name = ReadName(field);
    if (name.empty() && fields_.Find(field) != nullptr) Reject(RejectReason::kBadType);
    return name;
  }

  void Require(Field field) {
    if (fields_.Find(field) == nullptr) Reject(RejectReason::kMissingField);
  }

  void ReadNames() {
    Require(Field::kGuardrail);
    event_.guardrail = ReadNonEmptyName(Field::kGuardrail);
    event_.request_id = ReadNonEmptyName(Field::kRequestId);
    event_.category = ReadName(Field::kCategory);
    event_.model_version = ReadName(Field::kModelVersion);
    event_.policy = ReadName(Field::kPolicy);
    event_.policy_version = ReadName(Field::kPolicyVersion);
    if (const JsonValue* const variant = Find(Field::kVariant, Type::kString)) {
      if (Is(variant->text, "candidate")) {
        event_.variant = Variant::kCandidate;
      } else if (!Is(variant->text, "live")) {
        Reject(RejectReason::kBadType);
      }
    }
  }

  void ReadTime() {
    const JsonValue* const value = fields_.Find(Field::kTime);
    if (value == nullptr) {
      if (!context_.record_timestamp) return Reject(RejectReason::kMissingField);
      event_.time = *context_.record_timestamp;
      return;
    }
    if (value->type != Type::kString && value->type != Type::kNumber) {
      return Reject(RejectReason::kBadType);
    }
    const std::optional<EventTime> time =
        value->type == Type::kString ? times_.ReadText(*value) : TimeReader::ReadNumber(*value);
    if (!time) return Reject(RejectReason::kBadTime);
    event_.time = *time;
  }

  void ReadNumbers() {
    if (const JsonValue* const threshold = Find(Field::kThreshold, Type::kNumber)) {
      if (threshold->number < -kScoreSlack || threshold->number > 1.0 + kScoreSlack) {
        Reject(RejectReason::kThresholdOutOfRange);
      } else {
        event_.threshold = std::clamp(threshold->number, 0.0, 1.0);
      }
    }
    if (const JsonValue* const probability = Find(Field::kSampleProb, Type::kNumber)) {
      if (!(probability->number > 0 && probability->number <= 1)) Reject(RejectReason::kBadType);
      event_.sample_prob = probability->number;
    }
    if (const JsonValue* const latency = Find(Field::kLatencyMs, Type::kNumber)) {
      if (latency->number < 0) Reject(RejectReason::kBadType);
      event_.latency_ms = latency->number;
    }
    if (const JsonValue* const revision = Find(Field::kLabelRevision, Type::kNumber)) {
      const std::optional<std::int64_t> integer = ParseInt64(*revision);
      if (!integer) return Reject(RejectReason::kBadType);
      label_revision_ = *integer;
    }
  }

  void ReadCohort() {
    Find(Field::kCohort, Type::kObject);
    buffer_.cohort.swap(fields_.cohort);
    event_.cohort = buffer_.cohort;
  }

  void ReadByKind() {
    switch (event_.kind) {
      case EventKind::kScore:
      case EventKind::kCombined:
        if (!context_.carries.scores) Reject(RejectReason::kUnexpectedKind);
        ReadScore();
        ReadVerdict();
        if (fields_.Find(Field::kLabel) != nullptr) ReadLabel();
        // The labels of a log that carries none would not move its watermark.
        if (!context_.carries.labels) event_.label.reset();
        return;
      case EventKind::kDecision:
        if (!context_.carries.decisions) Reject(RejectReason::kUnexpectedKind);
        Require(Field::kRequestId);
        Require(Field::kVerdict);
        ReadVerdict();
        return;
      case EventKind::kLabel:
        if (!context_.carries.labels) Reject(RejectReason::kUnexpectedKind);
        Require(Field::kRequestId);
        ReadLabel();
        return;
    }
  }

  void ReadScore() {
    if (const JsonValue* const score = fields_.Find(Field::kScore)) {
      if (score->type != Type::kNumber) return Reject(RejectReason::kBadType);
      event_.score = Score::FromProbability(score->number);
      if (!event_.score) Reject(RejectReason::kScoreOutOfRange);
    } else if (const JsonValue* const logit = fields_.Find(Field::kLogit)) {
      if (logit->type != Type::kNumber) return Reject(RejectReason::kBadType);
      event_.score = ScoreFromLogit(logit->number);
    } else if (const JsonValue* const classes = fields_.Find(Field::kClassScores)) {
      ReadClassScores(*classes);
    } else {
      Reject(RejectReason::kMissingField);
    }
  }

  void ReadClassScores(const JsonValue& classes) {
    if (classes.type != Type::kObject || fields_.class_scores.empty()) {
      Reject(RejectReason::kBadType);
    }
    if (fields_.Find(Field::kVerdict) != nullptr) Reject(RejectReason::kBadType);
    bool in_range = true;
    for (const NamedValue& entry : fields_.class_scores) {
      if (entry.value.type != Type::kNumber) return Reject(RejectReason::kBadType);
      if (entry.name.size() > kMaxIdBytes) Reject(RejectReason::kIdTooLong);
      const std::optional<Score> score = Score::FromProbability(entry.value.number);
      if (score) buffer_.class_scores.push_back({entry.name, *score});
      in_range = in_range && score;
    }
    event_.class_vector = true;
    if (!in_range) return Reject(RejectReason::kScoreOutOfRange);
    event_.class_scores = buffer_.class_scores;
  }

  void ReadVerdict() {
    const JsonValue* const value = Find(Field::kVerdict, Type::kString);
    if (value == nullptr) return;
    event_.verdict = VerdictNamed(value->text);
    if (!event_.verdict) Reject(RejectReason::kUnknownVerdict);
  }

  // Null takes a label back; a label event without the field is not one.
  void ReadLabel() {
    if (!fields_.Contains(Field::kLabel)) return Reject(RejectReason::kMissingField);
    const JsonValue* const value = fields_.Find(Field::kLabel);
    event_.label = Label{value != nullptr ? ReadLabelValue(*value) : LabelValue{}, label_revision_};
  }

  LabelValue ReadLabelValue(const JsonValue& value) {
    using Form = LabelValue::Form;
    switch (value.type) {
      case Type::kBool:
        return {value.boolean ? Form::kPositive : Form::kNegative, {}};
      case Type::kNumber:
        if (value.number != 0 && value.number != 1) Reject(RejectReason::kUnknownLabel);
        return {value.number == 1 ? Form::kPositive : Form::kNegative, {}};
      case Type::kString:
        return ReadLabelText(value.text);
      default:
        Reject(RejectReason::kBadType);
        return {};
    }
  }

  LabelValue ReadLabelText(std::string_view text) {
    using Form = LabelValue::Form;
    if (text.empty()) Reject(RejectReason::kUnknownLabel);
    if (text.size() > kMaxIdBytes) Reject(RejectReason::kIdTooLong);
    if (Is(text, "positive") || Is(text, "unsafe")) return {Form::kPositive, text};
    if (Is(text, "negative") || Is(text, "safe")) return {Form::kNegative, text};
    return {Form::kClassName, text};
  }

  JsonFields& fields_;
  const DecodeContext& context_;
  TimeReader& times_;
  DecodeBuffer& buffer_;
  Event& event_;
  std::int64_t label_revision_ = 0;
  std::optional<RejectReason> reason_;
};

}  // namespace

std::optional<RejectReason> BuildEvent(JsonFields& fields, const DecodeContext& context,
                                       TimeReader& times, DecodeBuffer& buffer, Event& event) {
  return EventBuilder(fields, context, times, buffer, event).Build();
}

}  // namespace guardwatch
