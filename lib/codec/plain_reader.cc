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

// From behind the opening quote to behind the closing one.
const char* ReadText(const char* at, std::string_view& text) {
  const char* const begin = at;
  at = FindSpecial(begin);
  if (*at != '"') return nullptr;
  text = {begin, static_cast<std::size_t>(at - begin)};
  return at + 1;
}

// A key, from its opening quote to what it says something of.
const char* ReadKey(const char* at, std::string_view& key) {
  if (*at != '"') return nullptr;
  at = ReadText(at + 1, key);
  if (at == nullptr) return nullptr;
  at = SkipBlanks(at);
  return *at == ':' ? SkipBlanks(at + 1) : nullptr;
}

// Up to eight digits at once. How many there are, and their value.
struct Digits {
  std::ptrdiff_t count = 0;
  std::uint64_t value = 0;
};
Digits ReadDigits(const char* at) {
  constexpr std::uint64_t kZeros = 0x3030303030303030ULL;
  constexpr std::uint64_t kHighest = 0x8080808080808080ULL;
  constexpr std::uint64_t kToTen = 0x7676767676767676ULL;  // Above nine reaches the highest bit.
  Digits digits;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  word ^= kZeros;
  const std::uint64_t others = ((word + kToTen) | word) & kHighest;
  digits.count = std::countr_zero(others) / 8;
  if (digits.count == 0) return digits;
  word <<= 64 - 8 * digits.count;  // As if zeros stood in front.
  word = word * 10 + (word >> 8);  // Two digits in every second byte, then four, then all.
  constexpr std::uint64_t kPair = 0x000000ff000000ffULL;
  digits.value =
      ((word & kPair) * 0x000f424000000064ULL + (word >> 16 & kPair) * 0x0000271000000001ULL) >> 32;
  return digits;
}

// The quotient of two numbers that doubles hold exactly is the double nearest to the text's value
// (Clinger 1990, How to read floating point numbers accurately).
double Quotient(std::uint64_t digits, std::ptrdiff_t fraction) {
  return static_cast<double>(digits) / kPowersOfTen[static_cast<std::size_t>(fraction)];
}

// Most numbers are of one digit, a point and a few more: scores, thresholds. Nullptr: not like
// that.
const char* ReadShortFraction(const char* at, JsonValue& out) {
  constexpr std::array<std::uint64_t, 8> kScale{1,      10,      100,       1'000,
                                                10'000, 100'000, 1'000'000, 10'000'000};
  if constexpr (std::endian::native != std::endian::little) return nullptr;
  if (!IsDigit(at[0]) || at[1] != '.') return nullptr;
  const Digits fraction = ReadDigits(at + 2);
  const char* const end = at + 2 + fraction.count;
  if (fraction.count == 0 || fraction.count == 8 || *end == 'e' || *end == 'E') return nullptr;
  const auto whole = static_cast<std::uint64_t>(*at - '0');
  out.type = JsonValue::Type::kNumber;
  out.number = Quotient(whole * kScale[static_cast<std::size_t>(fraction.count)] + fraction.value,
                        fraction.count);
  out.text = {at, static_cast<std::size_t>(end - at)};
  return end;
}

const char* ReadNumber(const char* at, JsonValue& out) {
  if (const char* const end = ReadShortFraction(at, out)) return end;
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
  const double value = Quotient(digits, fraction);
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
      return ReadText(at + 1, out.text);
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

bool PlainReader::Expected::IsAt(const char* at) const {
#ifdef __SSE2__
  const auto* const read = reinterpret_cast<const __m128i*>(at);
  const auto* const own = reinterpret_cast<const __m128i*>(text.data());
  const auto equal = [&](int half) {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128(read + half), _mm_load_si128(own + half))));
  };
  return (~(equal(0) | equal(1) << 16) & mask) == 0;
#else
  return std::memcmp(at, text.data(), std::max<std::size_t>(size, 1)) == 0;
#endif
}

void PlainReader::Expected::Learn(const char* from, const char* to, int new_meaning) {
  const auto new_size = static_cast<std::size_t>(to - from);
  if (new_size > text.size()) return;
  std::memcpy(text.data(), from, new_size);
  mask = static_cast<std::uint32_t>((std::uint64_t{1} << new_size) - 1);
  size = static_cast<std::uint8_t>(new_size);
  opens_text = to[-1] == '"';
  meaning = static_cast<std::int8_t>(new_meaning);
}

// From the opening brace to behind the closing one.
template <class Members>
const char* PlainReader::ReadMembers(const char* at, Order& order, Members&& members) {
  for (Expected& expected : order) {
    if (!expected.IsAt(at)) [[unlikely]] {
      const char* const begin = at;
      at = SkipBlanks(at);
      const bool first = &expected == order.data();
      if (*at == '}' && !first) return at + 1;
      if (*at != (first ? '{' : ',')) return nullptr;
      std::string_view key;
      at = ReadKey(SkipBlanks(at + 1), key);
      if (at == nullptr) return nullptr;
      expected.Learn(begin, *at == '"' ? at + 1 : at, members.MeaningOf(key));
      if (!expected.IsAt(begin)) {  // Too long to be expected.
        at = members.ReadValue(at, members.MeaningOf(key));
        if (at == nullptr) return nullptr;
        continue;
      }
      at = begin;
    }
    at += expected.size;
    if (expected.opens_text) {
      std::string_view text;
      at = ReadText(at, text);
      if (at == nullptr) return nullptr;
      members.TakeText(expected.meaning, text);
    } else {
      at = members.ReadValue(at, expected.meaning);
      if (at == nullptr) return nullptr;
    }
  }
  return nullptr;
}

struct PlainReader::CohortMembers {
  const std::vector<std::string>& dimensions;
  std::vector<CohortValue>& cohort;
  std::uint64_t seen = 0;

  int MeaningOf(std::string_view name) const {
    const auto found = std::find(dimensions.begin(), dimensions.end(), name);
    return found == dimensions.end() ? -1 : static_cast<int>(found - dimensions.begin());
  }
  void TakeText(int dimension, std::string_view text) {
    if (dimension < 0 || (seen >> dimension & 1) != 0) return;
    seen |= std::uint64_t{1} << dimension;
    cohort[static_cast<std::size_t>(dimension)] = {true, text};
  }
  const char* ReadValue(const char* at, int dimension) {
    JsonValue value;
    at = ReadScalar(at, value);
    if (at == nullptr) return nullptr;
    if (value.type != JsonValue::Type::kNull) {
      TakeText(dimension, value.text);
    } else if (dimension >= 0) {
      seen |= std::uint64_t{1} << dimension;
    }
    return at;
  }
};

struct PlainReader::EventMembers {
  PlainReader& reader;
  JsonFields& fields;

  static int MeaningOf(std::string_view name) {
    const std::optional<Field> field = FindField(name);
    return field ? static_cast<int>(*field) : -1;
  }
  void TakeText(int meaning, std::string_view text) {
    JsonValue* const value = meaning < 0 ? nullptr : fields.Add(static_cast<Field>(meaning));
    if (value == nullptr) return;
    value->type = JsonValue::Type::kString;
    value->text = text;
  }
  const char* ReadValue(const char* at, int meaning) {
    JsonValue ignored;
    const auto field = static_cast<Field>(meaning);
    JsonValue* value = meaning < 0 ? nullptr : fields.Add(field);
    if (*at == '{') {
      if (value == nullptr) return nullptr;
      value->type = JsonValue::Type::kObject;
      if (field == Field::kClassScores) return ReadClassScores(at + 1, fields.class_scores);
      if (field != Field::kCohort) return nullptr;
      return reader.ReadMembers(at, reader.cohort_order_,
                                CohortMembers{reader.dimensions_, fields.cohort});
    }
    return ReadScalar(at, value != nullptr ? *value : ignored);
  }
};

const char* PlainReader::ReadClassScores(const char* at, std::vector<NamedValue>& scores) {
  while (scores.size() < kMostClasses) {
    NamedValue score;
    at = ReadKey(SkipBlanks(at), score.name);
    if (at != nullptr) at = ReadScalar(at, score.value);
    const bool repeated = std::any_of(scores.begin(), scores.end(), [&](const NamedValue& each) {
      return each.name == score.name;
    });
    if (at == nullptr || repeated) return nullptr;
    scores.push_back(score);
    at = SkipBlanks(at);
    if (*at == '}') return at + 1;
    if (*at++ != ',') return nullptr;
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
  const char* const behind = ReadMembers(text.data(), event_order_, EventMembers{*this, fields});
  return behind != nullptr && SkipBlanks(behind) == text.data() + payload.size();
}

}  // namespace guardwatch
