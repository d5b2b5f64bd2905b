#include <charconv>
#include <random>
#include <simdjson.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace guardwatch {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(JsonDocument, WhatIsNotReadMayHoldAnyJson) {
  Decoder decoder;
  for (const char* json :
       {"{}", "[]", "[[],{},[{}]]", R"({"a":{"b":[1,2,{"c":null}]}})",
        "123456789012345678901234567890", "-0", "1e-400", "1E+2", R"("\u0000\"\\\/\b\f\n\r\t")",
        "true", "null", R"({"":[""]})", " [ 1 , 2 ] ", R"({"score":7,"score":"x"})"}) {
    EXPECT_EQ(decoder.Decode(ScoreWith(R"("x":)" + std::string(json))), std::nullopt) << json;
  }
  EXPECT_EQ(decoder.Decode(Join({" \r\n\t", ScoreWith(R"("x":1)"), " \r\n\t"})), std::nullopt);
}

TEST(JsonDocument, SixteenLevelsAreAllowed) {
  Decoder decoder;
  const auto in = [](std::string_view begin, int levels, std::string_view end) {
    return Join({begin, Repeat("[", levels), Repeat("]", levels), end});
  };
  const std::string score = R"({"guardrail":"g","time":1,"score":1,)";
  EXPECT_EQ(decoder.Decode(in(score + R"("x":)", 15, "}")), std::nullopt);
  EXPECT_EQ(decoder.Decode(in(score + R"("x":)", 16, "}")), RejectReason::kTooDeep);
  EXPECT_EQ(decoder.Decode(in(score + R"("cohort":{"lang":)", 14, "}}")), std::nullopt);
  EXPECT_EQ(decoder.Decode(in(score + R"("cohort":{"lang":)", 15, "}}")), RejectReason::kTooDeep);
  EXPECT_EQ(decoder.Decode(in(score + R"("class_scores":{"a":)", 14, "}}")), std::nullopt);
  EXPECT_EQ(decoder.Decode(in(score + R"("class_scores":{"a":)", 15, "}}")),
            RejectReason::kTooDeep);
  EXPECT_EQ(decoder.Decode(in(score + R"("cohort":)", 16, "}")), RejectReason::kTooDeep);
  EXPECT_EQ(decoder.Decode(in("", 16, "")), RejectReason::kBadType);
  EXPECT_EQ(decoder.Decode(in("", 17, "")), RejectReason::kTooDeep);
}

TEST(JsonDocument, NestingToTheSizeLimitIsReadToItsEnd) {
  Decoder decoder;
  constexpr int kLevels = 1 << 19;
  const std::string open = Repeat("[", kLevels);
  const std::string close = Repeat("]", kLevels);
  EXPECT_EQ(decoder.Decode(open + close), RejectReason::kTooDeep);
  EXPECT_EQ(decoder.Decode(open + close.substr(1) + "}"), RejectReason::kMalformedJson);
  EXPECT_EQ(decoder.Decode(open + close.substr(1)), RejectReason::kMalformedJson);
  EXPECT_EQ(decoder.Decode(open + open), RejectReason::kMalformedJson);
  EXPECT_EQ(decoder.Decode(Repeat(R"({"a":)", 100'000)), RejectReason::kMalformedJson);
  EXPECT_EQ(decoder.Decode(Repeat(R"({"a":)", 100'000) + "1" + Repeat("}", 100'000)),
            RejectReason::kTooDeep);
}

TEST(JsonDocument, ATopLevelThatIsNoObjectIsBadTypeIfItIsJson) {
  Decoder decoder;
  for (const char* json : {"[]", "[{}]", "1", "-1.5e3", "true", "false", "null", R"("x")",
                           R"("\n")", " null ", "[1,[2]]"}) {
    EXPECT_EQ(decoder.Decode(json), RejectReason::kBadType) << json;
  }
  for (const char* json : {"nul",
                           "nullx",
                           "truefalse",
                           "1 2",
                           "1,2",
                           "1],[2",
                           "[1],[2]",
                           "[1]]",
                           "[1",
                           "]",
                           "[",
                           "}",
                           "{",
                           ",",
                           ":",
                           R"("x)",
                           R"("x""y")",
                           R"("\x")",
                           "01",
                           "1e400",
                           "-",
                           "NaN",
                           "[]{}",
                           "{}[]",
                           "{}]",
                           "[,]",
                           "[1,]",
                           "{,}",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({:1})",
                           R"({1:1})",
                           R"({"a":[{}})",
                           R"({"a":[[{}})",
                           "/**/{}"}) {
    EXPECT_EQ(decoder.Decode(json), RejectReason::kMalformedJson) << json;
  }
}

TEST(JsonDocument, ManyClassNamesAreReadInTime) {
  Decoder decoder;
  std::string classes;
  for (int i = 0; i < 60'000; ++i) classes += Join({"\"", std::to_string(i % 50'000), "\":0.5,"});
  ASSERT_EQ(decoder.Decode(EventWith(R"("class_scores":{)" + classes + R"("z":1})")), std::nullopt);
  ASSERT_EQ(decoder.event.class_scores.size(), 50'001u);
  EXPECT_EQ(decoder.event.class_scores[49'999].name, "49999");
  EXPECT_EQ(decoder.event.class_scores[50'000].name, "z");
}

std::string RandomNumber(std::mt19937_64& random) {
  const auto digits = [&](std::size_t most) {
    std::string text;
    for (std::size_t n = random() % most + 1; n > 0; --n) text += "0123456789"[random() % 10];
    return text;
  };
  std::string text = random() % 2 == 0 ? "0" : Join({"1", digits(24)});
  if (random() % 4 != 0) text += Join({".", std::string(random() % 6, '0'), digits(40)});
  if (random() % 4 == 0) text += Join({"e-", digits(2)});
  return text;
}

TEST(JsonDocument, NumbersAreTheNearestDoublesOfTheirText) {
  std::mt19937_64 random(1'073'741'824);
  Decoder decoder;
  for (int i = 0; i < 30'000; ++i) {
    const std::string text = RandomNumber(random);
    double expected = 0;
    ASSERT_EQ(std::from_chars(text.data(), text.data() + text.size(), expected).ec, std::errc{});
    ASSERT_EQ(decoder.Decode(ScoreWith(Join({R"("latency_ms":)", text}))), std::nullopt) << text;
    ASSERT_EQ(decoder.event.latency_ms, expected) << text;
  }
}

TEST(JsonDocument, LongNumbersOverflowAndUnderflowLikeShortOnes) {
  Decoder decoder;
  for (const char* text : {"0.1234567890123456789012345e310", "-0.1234567890123456789012345e400",
                           "12345678901234567890123456e300", "1e309"}) {
    EXPECT_EQ(decoder.Decode(ScoreWith(Join({R"("x":)", text}))), RejectReason::kMalformedJson)
        << text;
  }
  for (const char* text : {"0.1234567890123456789012345e-400", "1.2345678901234567890123e-400"}) {
    EXPECT_EQ(decoder.Decode(ScoreWith(Join({R"("latency_ms":)", text}))), std::nullopt) << text;
    EXPECT_EQ(decoder.event.latency_ms, 0.0) << text;
  }
}

bool HasLongNumber(const std::string& text) {
  int digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits > 18) return true;
  }
  return false;
}

std::string Mutate(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet = "{}[],:\"\\ \n01-.eEtrufalsn\x01u\xc3\xa4";
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text.erase(at, 1 + below(3));
        break;
      case 1:
        text.insert(at, 1, kAlphabet[below(kAlphabet.size())]);
        break;
      case 2:
        text[at] = kAlphabet[below(kAlphabet.size())];
        break;
      default:
        text.insert(at, text.substr(below(text.size()), 1 + below(8)));
    }
  }
  return text;
}

// The document-tree parser of the same library validates everything, by other code than the reader
// uses. (It has no integers beyond 64 bits, which the reader allows.)
TEST(JsonDocument, IsMalformedExactlyWhenAStrictParserSaysSo) {
  const std::vector<std::string> seeds{
      ScoreWith(R"("label":null,"cohort":{"lang":"de","tier":[1,2.5e3]},"x":{"a":[true,{}]})"),
      EventWith(R"("class_scores":{"a":0.25,"\u00e4":1e-3},"y":[[],{"b":"\n"},-0])"),
      R"([{"a":1},"b",false])",
      "null",
      R"("text")",
      "-1.5"};
  std::mt19937_64 random(20'261'122);
  simdjson::dom::parser strict;
  Decoder decoder;
  int malformed = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string payload = Mutate(seeds[static_cast<std::size_t>(i) % seeds.size()], random);
    if (payload.empty() || HasLongNumber(payload)) continue;
    const auto reason = decoder.Decode(payload);
    const bool rejected =
        reason == RejectReason::kMalformedJson || reason == RejectReason::kNotUtf8;
    ASSERT_EQ(rejected, strict.parse(payload).error() != simdjson::SUCCESS) << payload;
    ASSERT_EQ(reason == RejectReason::kNotUtf8, !simdjson::validate_utf8(payload)) << payload;
    malformed += rejected;
  }
  EXPECT_GT(malformed, 10'000);
  EXPECT_LT(malformed, 48'000);
}

}  // namespace
}  // namespace guardwatch
