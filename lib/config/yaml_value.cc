#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "base/duration.h"
#include "config/suggest.h"
#include "config/yaml_reader.h"

// Reading single values: what is accepted, and what to say otherwise.

namespace guardwatch {
namespace {

constexpr std::string_view kQuotedHint = "write it without quotes";

std::string ToText(double value) {
  std::array<char, 40> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}
std::string ToText(std::int64_t value) { return std::to_string(value); }
std::string ToText(Duration value) { return FormatDuration(value); }

bool IsUnbounded(double bound) { return std::isinf(bound); }
bool IsUnbounded(std::int64_t bound) { return bound == std::numeric_limits<std::int64_t>::max(); }
bool IsUnbounded(Duration bound) { return bound == Duration::max(); }

// " from 0 to 1", " above 0", " of at least 1", or "".
template <class T>
std::string Describe(const Range<T>& range) {
  const bool open_below = std::is_same_v<T, double> && IsUnbounded(range.low);
  if (open_below) return "";
  if (range.above_low) {
    const std::string low = " above " + ToText(range.low);
    return IsUnbounded(range.high) ? low : low + " and up to " + ToText(range.high);
  }
  if (IsUnbounded(range.high)) return " of at least " + ToText(range.low);
  return " from " + ToText(range.low) + " to " + ToText(range.high);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// YAML reads 010 as eight. A number that two readers could take for two is not accepted.
bool HasLeadingZero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && IsDigit(text[1]);
}

// Decimal digits from the first to the last byte; no '+', no leading zeros, no "inf".
template <class T>
std::optional<T> ParseNumber(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || !IsDigit(digits.front()) || HasLeadingZero(text)) return std::nullopt;
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

template <class T>
std::optional<T> ReadNumber(const YamlValue& value, const std::string& what,
                            const Range<T>& range) {
  const std::string expected = what + Describe(range);
  const std::string& text = value.node().text;
  const auto number = value.is_scalar() ? ParseNumber<T>(text) : std::nullopt;
  if (number && !value.node().plain) {
    value.FailExpected(expected, std::string(kQuotedHint));
    return std::nullopt;
  }
  if (!number || !range.Contains(*number)) {
    const bool leading_zero = value.is_scalar() && HasLeadingZero(text);
    value.FailExpected(expected, leading_zero ? "write it without leading zeros" : "");
    return std::nullopt;
  }
  return number;
}

}  // namespace

void YamlValue::Fail(const std::string& message, std::string hint) const {
  const std::string start = path_.text.empty() ? "" : path_.text + ": ";
  context_->Fail(node_->place, path_.text, start + message, std::move(hint));
}

void YamlValue::FailExpected(const std::string& what, std::string hint) const {
  std::string got;
  switch (node_->kind) {
    case YamlNode::Kind::kNull:
      got = "nothing";
      break;
    case YamlNode::Kind::kScalar:
      got = Quote(node_->text);
      break;
    case YamlNode::Kind::kSequence:
      got = node_->items.empty() ? "an empty list" : "a list";
      break;
    case YamlNode::Kind::kMap:
      got = "a map";
      break;
  }
  Fail("expected " + what + ", got " + got, std::move(hint));
}

std::optional<std::string> YamlValue::AnyText() const {
  if (is_scalar()) return node_->text;
  FailExpected("text");
  return std::nullopt;
}

std::optional<std::string> YamlValue::Text() const {
  if (is_scalar() && !node_->text.empty()) return node_->text;
  FailExpected("text");
  return std::nullopt;
}

std::optional<std::string> YamlValue::FilePath() const {
  const auto path = Text();
  if (!path) return std::nullopt;
  return context_->ResolvePath(*path);
}

std::optional<bool> YamlValue::Bool() const {
  const std::string& text = node_->text;
  const bool is_word = is_scalar() && (text == "true" || text == "false");
  if (is_word && node_->plain) return text == "true";
  FailExpected("true or false", is_word ? std::string(kQuotedHint) : "");
  return std::nullopt;
}

std::optional<double> YamlValue::Number(Range<double> range) const {
  return ReadNumber<double>(*this, "a number", range);
}

std::optional<std::int64_t> YamlValue::Integer(Range<std::int64_t> range) const {
  return ReadNumber<std::int64_t>(*this, "a whole number", range);
}

std::optional<Duration> YamlValue::Length(Range<Duration> range) const {
  const std::string expected = "a duration" + Describe(range);
  const auto length = is_scalar() ? ParseDuration(node_->text) : std::nullopt;
  if (length && range.Contains(*length)) return length;
  std::string hint;
  if (!length) {
    const bool bare = is_scalar() && ParseNumber<std::int64_t>(node_->text).has_value();
    hint = bare ? "a unit is missing, as in " + node_->text + "s"
                : "as in 250ms, 90s, 5m, 1h30m or 7d";
  }
  FailExpected(expected, std::move(hint));
  return std::nullopt;
}

std::vector<YamlValue> YamlValue::Items() const {
  std::vector<YamlValue> items;
  if (node_->kind != YamlNode::Kind::kSequence) {
    if (node_->kind != YamlNode::Kind::kNull) FailExpected("a list");
    return items;
  }
  for (std::size_t i = 0; i < node_->items.size(); ++i) {
    if (!node_->items[i].invalid) items.emplace_back(node_->items[i], path_.Item(i), *context_);
  }
  return items;
}

std::vector<YamlValue> YamlValue::SomeItems(const std::string& what) const {
  const bool may_be_list =
      node_->kind == YamlNode::Kind::kSequence || node_->kind == YamlNode::Kind::kNull;
  if (may_be_list && node_->items.empty()) FailExpected(what);
  return Items();
}

std::vector<std::string> YamlValue::DistinctTexts() const {
  std::vector<std::string> texts;
  std::set<std::string> seen;
  for (const YamlValue& item : Items()) {
    auto text = item.Text();
    if (!text) continue;
    if (seen.insert(*text).second) {
      texts.push_back(*std::move(text));
    } else {
      item.Fail("'" + *text + "' is listed twice");
    }
  }
  return texts;
}

std::optional<std::size_t> YamlValue::ChoiceIndex(const std::vector<std::string>& words) const {
  const auto found = is_scalar() ? std::find(words.begin(), words.end(), node_->text) : words.end();
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  FailExpected(list, is_scalar() ? DidYouMean(node_->text, words) : "");
  return std::nullopt;
}

}  // namespace guardwatch
