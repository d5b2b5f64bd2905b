#include "codec/json_fields.h"

#include <bit>
#include <cstring>

namespace guardwatch {
namespace {

constexpr std::array<std::string_view, kFields> kNames{
    "kind",           "request_id",     "guardrail",    "category",      "time",
    "score",          "logit",          "class_scores", "threshold",     "verdict",
    "label",          "label_revision", "sample_prob",  "model_version", "policy",
    "policy_version", "variant",        "cohort",       "latency_ms"};

// A perfect hash over length, first and middle character: one look-up and one comparison per key of
// the document. The multiplier is searched for when this file is compiled.
constexpr unsigned kSlotBits = 6;
constexpr std::uint8_t kNoField = 0xff;
using Slots = std::array<std::uint8_t, 1u << kSlotBits>;

constexpr std::size_t SlotOf(std::string_view key, std::uint32_t multiplier) {
  const auto byte = [](char c) { return std::uint32_t{static_cast<unsigned char>(c)}; };
  const std::uint32_t traits = static_cast<std::uint32_t>(key.size()) << 16 |
                               byte(key.front()) << 8 | byte(key[key.size() / 2]);
  return (traits * multiplier) >> (32 - kSlotBits);
}

constexpr std::optional<Slots> Place(std::uint32_t multiplier) {
  Slots slots{};
  slots.fill(kNoField);
  for (std::size_t i = 0; i < kFields; ++i) {
    std::uint8_t& slot = slots[SlotOf(kNames[i], multiplier)];
    if (slot != kNoField) return std::nullopt;
    slot = static_cast<std::uint8_t>(i);
  }
  return slots;
}

constexpr std::uint32_t kMultiplier = [] {
  std::uint32_t multiplier = 0x9e3779b1u;
  while (!Place(multiplier)) multiplier += 2;
  return multiplier;
}();
constexpr Slots kSlots = *Place(kMultiplier);

}  // namespace

void JsonFields::MoveTexts(std::vector<char>& to) {
  const auto for_each_text = [this](auto&& visit) {
    for (std::size_t i = 0; i < kFields; ++i) {
      using Type = JsonValue::Type;
      const Type type = values_[i].type;
      const bool has_text = type == Type::kString || type == Type::kNumber || type == Type::kBool;
      if (Contains(static_cast<Field>(i)) && has_text) visit(values_[i].text);
    }
    for (CohortValue& value : cohort) visit(value.text);
    for (NamedValue& value : class_scores) {
      visit(value.name);
      visit(value.value.text);
    }
  };
  std::size_t size = 0;
  for_each_text([&](std::string_view& text) { size += text.size(); });
  if (to.size() < size) to.resize(std::bit_ceil(size));
  char* at = to.data();
  for_each_text([&](std::string_view& text) {
    if (text.empty()) return;
    std::memcpy(at, text.data(), text.size());
    text = {at, text.size()};
    at += text.size();
  });
}

std::optional<Field> FindField(std::string_view key) {
  if (key.empty()) return std::nullopt;
  const std::uint8_t index = kSlots[SlotOf(key, kMultiplier)];
  if (index == kNoField || kNames[index] != key) return std::nullopt;
  return static_cast<Field>(index);
}

}  // namespace guardwatch
