#include "codec/json_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <simdjson.h>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace guardwatch {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kMaxDepth = 16;  // The top-level object is level 1.
constexpr std::size_t kInitialCapacity = 4096;
constexpr std::size_t kBrackets = 2;          // See WalkAnyDocument.
constexpr std::size_t kKeptLevels = 1024;     // Beyond this, memory for nesting is given back.
constexpr std::size_t kDigitsReadRight = 19;  // See ReadNumber.

// A container that has been entered: its iterator stands on the value being walked.
using Level = std::variant<ondemand::array_iterator, ondemand::object_iterator>;

std::string_view TrimRight(std::string_view token) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!token.empty() && is_space(token.back())) token.remove_suffix(1);
  return token;
}

bool HasEscape(std::string_view text) {
  return !text.empty() && std::memchr(text.data(), '\\', text.size()) != nullptr;
}

// The indexer has made sure that strings are closed, so the scan ends at the key's own quote.
bool ReadKey(ondemand::field& field, std::string_view& key) {
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') {
    if (*end == '\\') return field.unescaped_key().get(key) == simdjson::SUCCESS;
    ++end;
  }
  key = {begin, static_cast<std::size_t>(end - begin)};
  return true;
}

// Most strings have no escapes and are used where they stand in the payload.
bool ReadString(ondemand::value& value, std::string_view& text) {
  const std::string_view token = TrimRight(value.raw_json_token());
  if (token.size() < 2) return false;
  text = token.substr(1, token.size() - 2);
  if (HasEscape(text)) return value.get_string().get(text) == simdjson::SUCCESS;
  ondemand::raw_json_string raw;
  return value.get_raw_json_string().get(raw) == simdjson::SUCCESS;
}

// simdjson 3.0.1 checks every number but misreads fractions of more than 19 digits: their value is
// taken from the standard library. Below the smallest double both say zero.
bool ReadNumber(ondemand::value& value, JsonValue& out) {
  out.type = JsonValue::Type::kNumber;
  out.text = TrimRight(value.raw_json_token());
  if (value.get_double().get(out.number)) return false;
  if (out.text.size() <= kDigitsReadRight) return true;
  const char* const end = out.text.data() + out.text.size();
  const std::errc error = std::from_chars(out.text.data(), end, out.number).ec;
  return error == std::errc{} || std::fabs(out.number) < 1;
}

bool ReadScalar(ondemand::value& value, ondemand::json_type type, JsonValue& out) {
  switch (type) {
    case ondemand::json_type::string:
      out.type = JsonValue::Type::kString;
      return ReadString(value, out.text);
    case ondemand::json_type::number:
      return ReadNumber(value, out);
    case ondemand::json_type::boolean:
      out.type = JsonValue::Type::kBool;
      out.text = TrimRight(value.raw_json_token());
      return value.get_bool().get(out.boolean) == simdjson::SUCCESS;
    case ondemand::json_type::null: {
      out.type = JsonValue::Type::kNull;
      bool is_null = false;
      return value.is_null().get(is_null) == simdjson::SUCCESS && is_null;
    }
    default:
      return false;
  }
}

bool AtEnd(const Level& level) {
  return std::visit([](const auto& it) { return it == std::decay_t<decltype(it)>{}; }, level);
}

void Advance(Level& level) {
  std::visit([](auto& it) { ++it; }, level);
}

// The value that the iterator stands on. For an object the key before it is read as well.
bool ReadElement(Level& level, ondemand::value& value) {
  if (auto* array = std::get_if<ondemand::array_iterator>(&level)) {
    return (**array).get(value) == simdjson::SUCCESS;
  }
  ondemand::field field;
  std::string_view key;
  if ((*std::get<ondemand::object_iterator>(level)).get(field) != simdjson::SUCCESS) return false;
  if (!ReadKey(field, key)) return false;
  value = field.value();
  return true;
}

bool Enter(ondemand::value& value, ondemand::json_type type, Level& level) {
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    ondemand::array_iterator begin;
    if (value.get_array().get(array) || array.begin().get(begin)) return false;
    level = begin;
    return true;
  }
  ondemand::object object;
  ondemand::object_iterator begin;
  if (value.get_object().get(object) || object.begin().get(begin)) return false;
  level = begin;
  return true;
}

JsonValue::Type ContainerType(ondemand::json_type type) {
  return type == ondemand::json_type::array ? JsonValue::Type::kArray : JsonValue::Type::kObject;
}

bool IsContainer(ondemand::json_type type) {
  return type == ondemand::json_type::array || type == ondemand::json_type::object;
}

}  // namespace

// On-Demand takes on trust what is skipped, so nothing is skipped. Functions that return false have
// found the document malformed.
class JsonReader::Impl {
 public:
  explicit Impl(std::vector<std::string> dimensions) : dimensions_(std::move(dimensions)) {
    Reserve(kInitialCapacity);
  }

  std::optional<RejectReason> Read(std::string_view payload, JsonFields& fields) {
    Load(payload);
    fields.Clear();
    fields.class_scores.clear();
    fields.cohort.assign(dimensions_.size(), CohortValue{});
    too_deep_ = false;

    ondemand::document document;
    const simdjson::error_code error =
        parser_.iterate(buffer_.data() + 1, payload.size(), buffer_.size() - 1).get(document);
    if (error) {
      return simdjson::validate_utf8(payload) ? RejectReason::kMalformedJson
                                              : RejectReason::kNotUtf8;
    }
    ondemand::json_type type{};
    const bool is_object = !document.type().get(type) && type == ondemand::json_type::object;
    const bool well_formed =
        is_object ? WalkEvent(document, fields) : WalkAnyDocument(payload.size());
    if (levels_.capacity() > kKeptLevels) std::vector<Level>().swap(levels_);
    if (!well_formed) return RejectReason::kMalformedJson;
    if (too_deep_) return RejectReason::kTooDeep;
    if (!is_object) return RejectReason::kBadType;
    return std::nullopt;
  }

 private:
  void Reserve(std::size_t payload_bytes) {
    const std::size_t bytes = std::bit_ceil(payload_bytes + kBrackets);
    if (bytes <= parser_.capacity()) return;
    GUARDWATCH_CHECK(parser_.allocate(bytes) == simdjson::SUCCESS);
    buffer_.resize(bytes + simdjson::SIMDJSON_PADDING);
  }

  // The payload begins at the second byte, and blanks follow it: what simdjson reads beyond the end
  // must not look like a part of the document.
  void Load(std::string_view payload) {
    Reserve(payload.size());
    std::memcpy(buffer_.data() + 1, payload.data(), payload.size());
    std::memset(buffer_.data() + 1 + payload.size(), ' ', simdjson::SIMDJSON_PADDING);
  }

  static bool AtDocumentEnd(ondemand::document& document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  }

  bool WalkEvent(ondemand::document& document, JsonFields& fields) {
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    for (auto element : object) {
      ondemand::field field;
      std::string_view key;
      if (std::move(element).get(field) || !ReadKey(field, key)) return false;
      ondemand::value value = field.value();
      const std::optional<Field> id = FindField(key);
      JsonValue* const place = id ? fields.Add(*id) : nullptr;
      if (!(place != nullptr ? ReadField(value, *id, *place, fields) : Skip(value, 1)))
        return false;
    }
    return AtDocumentEnd(document);
  }

  bool ReadField(ondemand::value& value, Field id, JsonValue& out, JsonFields& fields) {
    ondemand::json_type type{};
    if (value.type().get(type)) return false;
    if (!IsContainer(type)) return ReadScalar(value, type, out);
    out.type = ContainerType(type);
    if (type == ondemand::json_type::object) {
      if (id == Field::kClassScores) return ReadClassScores(value, fields.class_scores);
      if (id == Field::kCohort) return ReadCohort(value, fields.cohort);
    }
    return Skip(value, 1);
  }

  // A value at level 3, inside a field of the event.
  bool ReadInner(ondemand::value& value, JsonValue& out) {
    ondemand::json_type type{};
    if (value.type().get(type)) return false;
    if (!IsContainer(type)) return ReadScalar(value, type, out);
    out.type = ContainerType(type);
    return Skip(value, 2);
  }

  bool ReadClassScores(ondemand::value& value, std::vector<NamedValue>& scores) {
    ondemand::object object;
    if (value.get_object().get(object)) return false;
    for (auto element : object) {
      ondemand::field field;
      NamedValue score;
      if (std::move(element).get(field) || !ReadKey(field, score.name)) return false;
      if (!ReadInner(field.value(), score.value)) return false;
      scores.push_back(score);
    }
    DropRepeatedNames(scores);
    return true;
  }

  // Keeps the first of each name. By sorting, since a hostile record holds 100 000 names.
  void DropRepeatedNames(std::vector<NamedValue>& scores) {
    order_.resize(scores.size());
    for (std::uint32_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int names = scores[a].name.compare(scores[b].name);
      return names != 0 ? names < 0 : a < b;
    });
    const auto repeats = [&](std::uint32_t a, std::uint32_t b) {
      return scores[a].name == scores[b].name;
    };
    order_.erase(std::unique(order_.begin(), order_.end(), repeats), order_.end());
    if (order_.size() == scores.size()) return;
    std::sort(order_.begin(), order_.end());
    for (std::size_t i = 0; i < order_.size(); ++i) scores[i] = scores[order_[i]];
    scores.resize(order_.size());
  }

  bool ReadCohort(ondemand::value& value, std::vector<CohortValue>& cohort) {
    ondemand::object object;
    if (value.get_object().get(object)) return false;
    seen_dimensions_.assign(dimensions_.size(), 0);
    for (auto element : object) {
      ondemand::field field;
      std::string_view key;
      JsonValue inner;
      if (std::move(element).get(field) || !ReadKey(field, key)) return false;
      if (!ReadInner(field.value(), inner)) return false;
      const auto found = std::find(dimensions_.begin(), dimensions_.end(), key);
      if (found == dimensions_.end()) continue;
      const auto index = static_cast<std::size_t>(found - dimensions_.begin());
      if (std::exchange(seen_dimensions_[index], char{1}) != 0) continue;
      const bool kept = inner.type == JsonValue::Type::kString ||
                        inner.type == JsonValue::Type::kNumber ||
                        inner.type == JsonValue::Type::kBool;
      if (kept) cohort[index] = {true, inner.text};
    }
    return true;
  }

  // Walks a value that stands inside `depth` containers, without recursion: a hostile record nests
  // 500 000 levels, and whether it is malformed is known only at its end.
  bool Skip(ondemand::value value, std::size_t depth) {
    levels_.clear();
    for (;;) {
      ondemand::json_type type{};
      if (value.type().get(type)) return false;
      if (IsContainer(type)) {
        Level level;
        if (!Enter(value, type, level)) return false;
        if (depth + levels_.size() + 1 > kMaxDepth) too_deep_ = true;
        levels_.push_back(level);
      } else {
        JsonValue ignored;
        if (!ReadScalar(value, type, ignored)) return false;
        if (levels_.empty()) return true;
        Advance(levels_.back());
      }
      while (AtEnd(levels_.back())) {
        levels_.pop_back();
        if (levels_.empty()) return true;
        Advance(levels_.back());
      }
      if (!ReadElement(levels_.back(), value)) return false;
    }
  }

  // A document that is not an object. It is walked as the only element of an array around it, so
  // that scalars need no other way than anywhere else.
  bool WalkAnyDocument(std::size_t payload_bytes) {
    buffer_[0] = '[';
    buffer_[payload_bytes + 1] = ']';
    ondemand::document document;
    const std::size_t bytes = payload_bytes + kBrackets;
    if (parser_.iterate(buffer_.data(), bytes, buffer_.size()).get(document)) return false;
    ondemand::array array;
    ondemand::array_iterator begin;
    if (document.get_array().get(array) || array.begin().get(begin)) return false;
    Level level = begin;
    ondemand::value value;
    if (AtEnd(level) || !ReadElement(level, value) || !Skip(value, 0)) return false;
    Advance(level);
    return AtEnd(level) && AtDocumentEnd(document);
  }

  const std::vector<std::string> dimensions_;
  ondemand::parser parser_;
  std::vector<char> buffer_;
  std::vector<Level> levels_;
  std::vector<std::uint32_t> order_;
  std::vector<char> seen_dimensions_;
  bool too_deep_ = false;
};

JsonReader::JsonReader(std::vector<std::string> dimensions)
    : impl_(std::make_unique<Impl>(std::move(dimensions))) {}

JsonReader::~JsonReader() = default;

std::optional<RejectReason> JsonReader::Read(std::string_view payload, JsonFields& fields) {
  return impl_->Read(payload, fields);
}

}  // namespace guardwatch
