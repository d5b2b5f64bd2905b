#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "event/event.h"

namespace guardwatch {

// The fields of guardrail.event/v1 that are read.
enum class Field : std::uint8_t {
  kKind,
  kRequestId,
  kGuardrail,
  kCategory,
  kTime,
  kScore,
  kLogit,
  kClassScores,
  kThreshold,
  kVerdict,
  kLabel,
  kLabelRevision,
  kSampleProb,
  kModelVersion,
  kPolicy,
  kPolicyVersion,
  kVariant,
  kCohort,
  kLatencyMs,
};
inline constexpr std::size_t kFields = 19;

std::optional<Field> FindField(std::string_view key);

// A value as it stands in the document, before anyone asks what it should be.
struct JsonValue {
  enum class Type : std::uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  Type type = Type::kNull;
  bool boolean = false;
  double number = 0;
  std::string_view text;  // Strings without escapes; numbers and booleans as written.
};

struct NamedValue {
  std::string_view name;
  JsonValue value;
};

// What one object says. Views point into the reader and the same object is filled again and again.
class JsonFields {
 public:
  void Clear() { seen_ = 0; }

  // A place for the field's value, or nullptr if the field was seen before.
  JsonValue* Add(Field field) {
    const std::uint32_t bit = 1u << static_cast<unsigned>(field);
    if ((seen_ & bit) != 0) return nullptr;
    seen_ |= bit;
    return &values_[static_cast<std::size_t>(field)];
  }

  // For a reader that keeps account itself: which fields were seen, a bit for each, and the places
  // of their values.
  void SetSeen(std::uint32_t fields) { seen_ = fields; }
  JsonValue& ValueOf(Field field) { return values_[static_cast<std::size_t>(field)]; }

  bool Contains(Field field) const { return (seen_ >> static_cast<unsigned>(field) & 1u) != 0; }

  // Nullptr if absent or null, which mean the same in an optional field.
  const JsonValue* Find(Field field) const {
    if (!Contains(field)) return nullptr;
    const JsonValue& value = values_[static_cast<std::size_t>(field)];
    return value.type == JsonValue::Type::kNull ? nullptr : &value;
  }

  // Copies every text to `to`, one after the other, and makes the views point there.
  void MoveTexts(std::vector<char>& to);

  std::vector<NamedValue> class_scores;  // In document order, names distinct.
  std::vector<CohortValue> cohort;       // One per configured dimension.

 private:
  std::uint32_t seen_ = 0;
  std::array<JsonValue, kFields> values_;
};

}  // namespace guardwatch
