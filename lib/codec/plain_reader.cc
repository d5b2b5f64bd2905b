#include "codec/plain_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace guardwatch {
namespace {

constexpr std::size_t kPadding = 32;          // The farthest that a look ahead goes.
constexpr std::size_t kMostClasses = 16;      // More are checked for repeats by JsonReader.
constexpr std::ptrdiff_t kMostDigits = 18;    // They fit 63 bits.
constexpr std::ptrdiff_t kMostFraction = 18;  // Up to 10^22 a double holds powers of ten exactly.

constexpr std::array<double, kMostFraction + 1> kPowersOfTen{
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

const char* SkipBlanks(const char* at) {
  while (IsBlank(*at)) ++at;
  return at;
}

// The first byte that is no part of a plain string: a quote, a backslash, a control character, or
// one that is not ASCII.
const char* FindSpecial(const char* at) {
#ifdef __SSE2__
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // As signed numbers, what is not ASCII lies below the control characters.
    const __m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                                         _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
    const auto marks = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (marks != 0) return at + std::countr_zero(marks);
  }
#else
  for (;; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') return at;
  }
#endif
}

// Blanks and one character.
const char* Take(const char* at, char c) {
  if (*at == c) [[likely]]
    return at + 1;
  at = SkipBlanks(at);
  return *at == c ? at + 1 : nullptr;
}

// From the opening quote to behind the closing one.
const char* ReadString(const char* at, std::string_view& text) {
  const char* const begin = at + 1;
  at = FindSpecial(begin);
  if (*at != '"') return nullptr;
  text = {begin, static_cast<std::size_t>(at - begin)};
  return at + 1;
}

// The quotient of two numbers that doubles hold exactly is the double nearest to the text's value
// (Clinger 1990, How to read floating point numbers accurately).
const char* ReadNumber(const char* at, JsonValue& out) {
  const char* const begin = at;
  const bool negative = *at == '-';
  if (negative) ++at;
  const char* const first = at;
  std::uint64_t digits = 0;
  for (; IsDigit(*at); ++at) digits = digits * 10 + static_cast<unsigned>(*at - '0');
  const std::ptrdiff_t whole = at - first;
  std::ptrdiff_t fraction = 0;
  if (whole == 0 || (whole > 1 && *first == '0')) return nullptr;
  if (*at == '.') {
    const char* const point = at++;
    for (; IsDigit(*at); ++at) digits = digits * 10 + static_cast<unsigned>(*at - '0');
    fraction = at - point - 1;
    if (fraction == 0 || digits > (std::uint64_t{1} << 53)) return nullptr;
  }
  if (whole + fraction > kMostDigits || *at == 'e' || *at == 'E') return nullptr;
  const double value =
      static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(fraction)];
  out.type = JsonValue::Type::kNumber;
  out.number = negative ? -value : value;
  out.text = {begin, static_cast<std::size_t>(at - begin)};
  return at;
}

const char* ReadWord(const char* at, std::string_view word) {
  return std::memcmp(at, word.data(), word.size()) == 0 ? at + word.size() : nullptr;
}

// What follows a scalar is looked at by whoever asked for it.
const char* ReadScalar(const char* at, JsonValue& out) {
  const char* const begin = at;
  switch (*at) {
    case '"':
      out.type = JsonValue::Type::kString;
      return ReadString(at, out.text);
    case 't':
    case 'f':
      out.type = JsonValue::Type::kBool;
      out.boolean = *at == 't';
      at = ReadWord(at, out.boolean ? "true" : "false");
      if (at != nullptr) out.text = {begin, static_cast<std::size_t>(at - begin)};
      return at;
    case 'n':
      out.type = JsonValue::Type::kNull;
      return ReadWord(at, "null");
    default:
      return ReadNumber(at, out);
  }
}

}  // namespace

PlainReader::PlainReader(std::vector<std::string> dimensions)
    : dimensions_(std::move(dimensions)) {}

// `"key":`
template <class Meaning>
const char* PlainReader::ReadKey(const char* at, Expected& expected, int& meaning,
                                 Meaning&& meaning_of) {
  at = SkipBlanks(at);
  std::array<std::uint64_t, kGlance> words;
  std::memcpy(words.data(), at, sizeof(words));
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < kGlance; ++i) {
    difference |= (words[i] ^ expected.text[i]) & expected.mask[i];
  }
  if (difference == 0 && expected.size != 0) [[likely]] {
    meaning = expected.meaning;
    return at + expected.size;
  }
  if (*at != '"') return nullptr;
  std::string_view key;
  const char* const behind = ReadString(at, key);
  const char* const value = behind != nullptr ? Take(behind, ':') : nullptr;
  if (value == nullptr) return nullptr;
  meaning = meaning_of(key);
  const auto size = static_cast<std::size_t>(value - at);
  if (size > sizeof(words)) return value;
  expected = {words, {}, size, meaning};
  std::memset(expected.mask.data(), 0xff, size);
  return value;
}

const char* PlainReader::ReadCohort(const char* at, std::vector<CohortValue>& cohort) {
  const auto find = [&](std::string_view name) {
    const auto found = std::find(dimensions_.begin(), dimensions_.end(), name);
    return found == dimensions_.end() ? -1 : static_cast<int>(found - dimensions_.begin());
  };
  std::uint64_t seen = 0;
  for (Expected& expected : cohort_order_) {
    int dimension = -1;
    JsonValue value;
    at = ReadKey(at, expected, dimension, find);
    if (at != nullptr) at = ReadScalar(SkipBlanks(at), value);
    if (at == nullptr) return nullptr;
    if (dimension >= 0 && (seen >> dimension & 1) == 0) {
      seen |= std::uint64_t{1} << dimension;
      const bool kept = value.type != JsonValue::Type::kNull;
      if (kept) cohort[static_cast<std::size_t>(dimension)] = {true, value.text};
    }
    const char* const next = Take(at, ',');
    if (next == nullptr) return Take(at, '}');
    at = next;
  }
  return nullptr;
}

const char* PlainReader::ReadClassScores(const char* at, std::vector<NamedValue>& scores) {
  while (scores.size() < kMostClasses) {
    NamedValue score;
    at = SkipBlanks(at);
    if (*at != '"') return nullptr;
    at = ReadString(at, score.name);
    if (at != nullptr) at = Take(at, ':');
    if (at != nullptr) at = ReadScalar(SkipBlanks(at), score.value);
    const bool repeated = std::any_of(scores.begin(), scores.end(), [&](const NamedValue& each) {
      return each.name == score.name;
    });
    if (at == nullptr || repeated) return nullptr;
    scores.push_back(score);
    const char* const next = Take(at, ',');
    if (next == nullptr) return Take(at, '}');
    at = next;
  }
  return nullptr;
}

const char* PlainReader::ReadField(const char* at, int meaning, JsonFields& fields) {
  JsonValue ignored;
  const auto field = static_cast<Field>(meaning);
  JsonValue* value = meaning < 0 ? nullptr : fields.Add(field);
  if (value == nullptr) value = &ignored;
  at = SkipBlanks(at);
  if (*at != '{') [[likely]]
    return ReadScalar(at, *value);
  value->type = JsonValue::Type::kObject;
  if (value == &ignored) return nullptr;
  const bool empty = Take(at + 1, '}') != nullptr;
  if (empty || (field != Field::kCohort && field != Field::kClassScores)) return nullptr;
  return field == Field::kCohort ? ReadCohort(at + 1, fields.cohort)
                                 : ReadClassScores(at + 1, fields.class_scores);
}

const char* PlainReader::ReadObject(const char* at, JsonFields& fields) {
  const auto find = [](std::string_view name) {
    const std::optional<Field> field = FindField(name);
    return field ? static_cast<int>(*field) : -1;
  };
  at = Take(at, '{');
  if (at == nullptr) return nullptr;
  for (Expected& expected : event_order_) {
    int meaning = -1;
    at = ReadKey(at, expected, meaning, find);
    if (at != nullptr) at = ReadField(at, meaning, fields);
    if (at == nullptr) return nullptr;
    const char* const next = Take(at, ',');
    if (next == nullptr) return Take(at, '}');
    at = next;
  }
  return nullptr;
}

bool PlainReader::Read(std::string_view payload, std::vector<char>& text, JsonFields& fields) {
  if (dimensions_.size() > 64) return false;
  if (text.size() < payload.size() + kPadding) {
    text.resize(std::bit_ceil(payload.size() + kPadding));
  }
  std::memcpy(text.data(), payload.data(), payload.size());
  // No plain text goes on past a zero.
  std::memset(text.data() + payload.size(), 0, kPadding);
  fields.Clear();
  fields.class_scores.clear();
  fields.cohort.assign(dimensions_.size(), CohortValue{});
  const char* const behind = ReadObject(text.data(), fields);
  return behind != nullptr && SkipBlanks(behind) == text.data() + payload.size();
}

}  // namespace guardwatch
