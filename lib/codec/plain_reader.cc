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

// Which of sixteen bytes are no part of a plain string, a bit for each: quotes, backslashes,
// control characters, and what is not ASCII.
unsigned FindSpecial(const char* at) {
#ifdef __SSE2__
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  // With the quote and the blank swapped, signed numbers up to the quote's are special: what is not
  // ASCII is negative. The difference keeps its sign, since it saturates.
  const __m128i swapped = _mm_xor_si128(bytes, _mm_set1_epi8('"' ^ ' '));
  const __m128i special = _mm_or_si128(_mm_subs_epi8(swapped, _mm_set1_epi8(' ' + 1)),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  return static_cast<unsigned>(_mm_movemask_epi8(special));
#else
  unsigned special = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto byte = static_cast<unsigned char>(at[i]);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') special |= 1u << i;
  }
  return special;
#endif
}

// Most values are as long as the one before them. A processor that counts on it reads on from there
// at once, where it would wait for what is found.
std::size_t Expecting(std::uint8_t& last, std::size_t found) {
  if (found != last) [[unlikely]]
    last = static_cast<std::uint8_t>(found);
  return last;
}

// From behind the opening quote to behind the closing one. `last` is where the text before it ended
// in its last sixteen bytes.
const char* ReadText(const char* at, std::string_view& text, std::uint8_t& last) {
  const char* const begin = at;
  unsigned special = FindSpecial(at);
  while (special == 0) special = FindSpecial(at += 16);
  at += Expecting(last, static_cast<unsigned>(std::countr_zero(special)));
  if (*at != '"') return nullptr;
  text = {begin, static_cast<std::size_t>(at - begin)};
  return at + 1;
}

const char* ReadText(const char* at, std::string_view& text) {
  std::uint8_t last = 0;
  return ReadText(at, text, last);
}

// A key, from its opening quote to what it says something of.
const char* ReadKey(const char* at, std::string_view& key) {
  if (*at != '"') return nullptr;
  at = ReadText(at + 1, key);
  if (at == nullptr) return nullptr;
  at = SkipBlanks(at);
  return *at == ':' ? SkipBlanks(at + 1) : nullptr;
}

// Eight characters, the first lowest, of which the digits among them are read.
class DigitWord {
 public:
  explicit DigitWord(std::uint64_t characters) : values_(characters ^ 0x3030303030303030ULL) {}

  // How many digits it begins with.
  std::size_t Count() const {
    constexpr std::uint64_t kHighest = 0x8080808080808080ULL;
    constexpr std::uint64_t kToTen = 0x7676767676767676ULL;  // Above nine reaches the highest bit.
    const std::uint64_t others = ((values_ + kToTen) | values_) & kHighest;
    return static_cast<unsigned>(std::countr_zero(others)) / 8;
  }

  // The number that the first `count` of them make, at least one.
  std::uint64_t Value(std::size_t count) const {
    constexpr std::uint64_t kPair = 0x000000ff000000ffULL;
    // As if zeros stood in front. Then two digits in every second byte, then four, then all.
    const std::uint64_t digits = values_ << (64 - 8 * count);
    const std::uint64_t pairs = digits * 10 + (digits >> 8);
    return ((pairs & kPair) * 0x000f424000000064ULL +
            (pairs >> 16 & kPair) * 0x0000271000000001ULL) >>
           32;
  }

 private:
  std::uint64_t values_;  // Of each digit, in a byte of its own.
};

// The quotient of two numbers that doubles hold exactly is the double nearest to the text's value
// (Clinger 1990, How to read floating point numbers accurately).
double Quotient(std::uint64_t digits, std::size_t fraction) {
  return static_cast<double>(static_cast<std::int64_t>(digits)) / kPowersOfTen[fraction];
}

// Most numbers are of one digit, a point and a few more: scores, thresholds. `last` is how many
// digits the number before it had. Nullptr: not like that.
inline const char* ReadShortFraction(const char* at, JsonValue& out, std::uint8_t& last) {
  if constexpr (std::endian::native != std::endian::little) return nullptr;
  if (at[1] != '.') return nullptr;
  std::uint64_t characters = 0;
  std::memcpy(&characters, at + 1, sizeof(characters));
  characters ^= static_cast<unsigned char>('.' ^ at[0]);  // The first digit in the point's place.
  const DigitWord digits(characters);
  const std::size_t count = digits.Count();
  if (count < 2 || count == sizeof(characters)) return nullptr;
  out.type = JsonValue::Type::kNumber;
  out.number = Quotient(digits.Value(count), count - 1);
  out.text = {at, count + 1};
  return at + Expecting(last, count) + 1;
}

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
  if (whole + fraction > kMostDigits) return nullptr;
  const double value = Quotient(digits, static_cast<std::size_t>(fraction));
  out.type = JsonValue::Type::kNumber;
  out.number = negative ? -value : value;
  out.text = {begin, static_cast<std::size_t>(at - begin)};
  return at;
}

template <std::size_t N>
const char* ReadWord(const char* at, const char (&word)[N]) {
  return std::memcmp(at, word, N - 1) == 0 ? at + N - 1 : nullptr;
}

const char* ReadBool(const char* at, JsonValue& out) {
  out.type = JsonValue::Type::kBool;
  out.boolean = *at == 't';
  const char* const end = out.boolean ? ReadWord(at, "true") : ReadWord(at, "false");
  if (end != nullptr) out.text = {at, static_cast<std::size_t>(end - at)};
  return end;
}

const char* ReadOtherScalar(const char* at, JsonValue& out) {
  switch (*at) {
    case '"':
      out.type = JsonValue::Type::kString;
      return ReadText(at + 1, out.text);
    case 't':
    case 'f':
      return ReadBool(at, out);
    case 'n':
      out.type = JsonValue::Type::kNull;
      return ReadWord(at, "null");
    default:
      return ReadNumber(at, out);
  }
}

// What follows a scalar is looked at by whoever asked for it.
inline const char* ReadScalar(const char* at, JsonValue& out, std::uint8_t& last) {
  const char* const end = ReadShortFraction(at, out, last);
  return end != nullptr ? end : ReadOtherScalar(at, out);
}

const char* ReadScalar(const char* at, JsonValue& out) {
  std::uint8_t last = 0;
  return ReadScalar(at, out, last);
}

const char* SkipScalar(const char* at) {
  JsonValue ignored;
  return ReadScalar(at, ignored);
}

}  // namespace

PlainReader::PlainReader(std::vector<std::string> dimensions)
    : dimensions_(std::move(dimensions)) {}

bool PlainReader::Expected::HalfIsAt(const char* at, std::size_t half) const {
#ifdef __SSE2__
  const auto* const read = reinterpret_cast<const __m128i*>(at);
  const auto* const own = reinterpret_cast<const __m128i*>(text.data());
  const int equal =
      _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(read + half), _mm_load_si128(own + half)));
  return (~equal & masks[half]) == 0;
#else
  const auto length = static_cast<std::size_t>(std::popcount(masks[half]));
  return std::memcmp(at + 16 * half, text.data() + 16 * half, length) == 0;
#endif
}

bool PlainReader::Expected::IsAt(const char* at) const {
  return HalfIsAt(at, 0) && (size <= 16 || HalfIsAt(at, 1));
}

void PlainReader::Expected::Learn(const char* from, const char* to, unsigned new_meaning) {
  const auto new_size = static_cast<std::size_t>(to - from);
  if (new_size > text.size()) return;
  std::memcpy(text.data(), from, new_size);
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << new_size) - 1);
  masks = {mask & 0xffff, mask >> 16};
  size = static_cast<std::uint8_t>(new_size);
  opens_text = to[-1] == '"';
  meaning = static_cast<std::uint8_t>(new_meaning);
  bit = std::uint64_t{1} << new_meaning;
}

// From the opening brace to behind the closing one.
template <class Members>
const char* PlainReader::ReadMembers(const char* at, Order& order, Members members) {
  Seen seen;
  for (Expected* expected = order.data();; ++expected) {
    unsigned meaning = expected->meaning;
    if (expected->IsAt(at)) [[likely]] {
      at += expected->size;
      if (expected->opens_text) [[likely]] {
        std::string_view text;
        at = ReadText(at, text, expected->end);
        if (at == nullptr) return nullptr;
        if (seen.Add(expected->bit)) members.TakeText(meaning, text);
        continue;
      }
    } else {
      const char* const begin = at;
      at = SkipBlanks(at);
      const bool first = expected == order.data();
      if (*at == '}' && !first) {
        members.Close(seen);
        return at + 1;
      }
      if (*at != (first ? '{' : ',') || expected == &order.back()) return nullptr;
      std::string_view key;
      at = ReadKey(SkipBlanks(at + 1), key);
      if (at == nullptr) return nullptr;
      meaning = members.MeaningOf(key);
      expected->Learn(begin, *at == '"' ? at + 1 : at, meaning);
    }
    const bool taken = seen.Add(std::uint64_t{1} << meaning);
    at = taken ? members.ReadValue(at, meaning, expected->end) : SkipScalar(at);
    if (at == nullptr) return nullptr;
  }
}

struct PlainReader::CohortMembers {
  const std::vector<std::string>& dimensions;
  std::vector<CohortValue>& cohort;

  unsigned MeaningOf(std::string_view name) const {
    const auto found = std::find(dimensions.begin(), dimensions.end(), name);
    return found == dimensions.end() ? kUnread : static_cast<unsigned>(found - dimensions.begin());
  }
  void TakeText(unsigned dimension, std::string_view text) { cohort[dimension] = {true, text}; }
  const char* ReadValue(const char* at, unsigned dimension, std::uint8_t& last) {
    JsonValue value;
    at = ReadScalar(at, value, last);
    const bool present = at != nullptr && value.type != JsonValue::Type::kNull;
    if (present) TakeText(dimension, value.text);
    return at;
  }
  void Close(Seen) {}
};

struct PlainReader::EventMembers {
  PlainReader& reader;
  JsonFields& fields;

  static unsigned MeaningOf(std::string_view name) {
    const std::optional<Field> field = FindField(name);
    return field ? static_cast<unsigned>(*field) : kUnread;
  }
  void TakeText(unsigned meaning, std::string_view text) {
    JsonValue& value = fields.ValueOf(static_cast<Field>(meaning));
    value.type = JsonValue::Type::kString;
    value.text = text;
  }
  const char* ReadValue(const char* at, unsigned meaning, std::uint8_t& last) {
    const auto field = static_cast<Field>(meaning);
    JsonValue& value = fields.ValueOf(field);
    if (*at != '{') return ReadScalar(at, value, last);
    value.type = JsonValue::Type::kObject;
    if (field == Field::kClassScores) return ReadClassScores(at + 1, fields.class_scores);
    if (field != Field::kCohort) return nullptr;
    return ReadMembers(at, reader.cohort_order_, CohortMembers{reader.dimensions_, fields.cohort});
  }
  void Close(Seen seen) { fields.SetSeen(static_cast<std::uint32_t>(seen.bits)); }
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
  if (dimensions_.size() > kUnread) return false;
  if (text.size() < payload.size() + kPadding) {
    text.resize(std::bit_ceil(payload.size() + kPadding));
  }
  std::memcpy(text.data(), payload.data(), payload.size());
  // No plain text goes on past a zero.
  std::memset(text.data() + payload.size(), 0, kPadding);
  fields.class_scores.clear();
  if (fields.cohort.size() != dimensions_.size()) fields.cohort.resize(dimensions_.size());
  std::fill(fields.cohort.begin(), fields.cohort.end(), CohortValue{});
  const char* const behind = ReadMembers(text.data(), event_order_, EventMembers{*this, fields});
  return behind != nullptr && SkipBlanks(behind) == text.data() + payload.size();
}

}  // namespace guardwatch
