#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace guardwatch {
namespace {

// What a reason looks like in a score event: a field, or the whole payload.
struct Defect {
  RejectReason reason;
  const char* fields;
};

// In RejectReason's order; each alone, and every pair of them, is rejected for the first reason.
const std::vector<Defect> kDefects{
    {RejectReason::kTooDeep, R"("x":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]])"},
    {RejectReason::kMissingField, R"("guardrail":null)"},
    {RejectReason::kBadType, R"("category":1)"},
    {RejectReason::kIdTooLong, nullptr},
    {RejectReason::kBadTime, R"("time":"soon")"},
    {RejectReason::kThresholdOutOfRange, R"("threshold":2)"},
    {RejectReason::kUnknownVerdict, R"("verdict":"perhaps")"},
    {RejectReason::kUnknownLabel, R"("label":2)"},
    {RejectReason::kScoreOutOfRange, R"("score":-1)"}};

std::string FieldsOf(const Defect& defect) {
  if (defect.fields != nullptr) return defect.fields;
  return Join({R"("policy":")", std::string(257, 'p'), "\""});
}

// The defects come first, so that they win over the sound fields of the same name behind them.
std::string EventWithDefects(const Defect& one, const Defect& other) {
  return Join({"{", FieldsOf(one), ",", FieldsOf(other),
               R"(,"guardrail":"g","category":"c","time":1,"score":0.5})"});
}

TEST(RejectReasons, OfSeveralTheFirstInOrderIsReportedWhereverItStands) {
  for (std::size_t i = 0; i < kDefects.size(); ++i) {
    for (std::size_t j = i; j < kDefects.size(); ++j) {
      Decoder decoder;
      EXPECT_EQ(decoder.Decode(EventWithDefects(kDefects[i], kDefects[j])), kDefects[i].reason);
      EXPECT_EQ(decoder.Decode(EventWithDefects(kDefects[j], kDefects[i])), kDefects[i].reason);
    }
  }
}

TEST(RejectReasons, UnexpectedKindStandsBetweenBadTypeAndIdTooLong) {
  for (const Defect& defect : kDefects) {
    Decoder decoder;
    decoder.context.carries = {.scores = false, .decisions = true, .labels = true};
    EXPECT_EQ(decoder.Decode(EventWithDefects(defect, defect)),
              std::min(defect.reason, RejectReason::kUnexpectedKind));
  }
}

TEST(RejectReasons, WhatIsWrongWithTheTextComesBeforeWhatItSays) {
  for (const Defect& defect : kDefects) {
    Decoder decoder;
    std::string payload = EventWithDefects(defect, defect);
    EXPECT_EQ(decoder.Decode(payload + "}"), RejectReason::kMalformedJson);
    EXPECT_EQ(decoder.Decode(payload + "\xff"), RejectReason::kNotUtf8);
    payload.resize((1u << 20) + 1, '\xff');
    EXPECT_EQ(decoder.Decode(payload), RejectReason::kTooLarge);
  }
}

TEST(RejectReasons, NoPayloadIsATombstone) {
  Decoder decoder;
  EXPECT_EQ(decoder.Decode({}), RejectReason::kTombstone);
  EXPECT_EQ(decoder.Decode(""), RejectReason::kTombstone);
  EXPECT_EQ(decoder.Decode(" "), RejectReason::kMalformedJson);
}

TEST(RejectReasons, OneMebibyteIsNotTooLarge) {
  Decoder decoder;
  std::string payload = ScoreWith(R"("x":1)");
  payload.resize(1u << 20, ' ');
  EXPECT_EQ(decoder.Decode(payload), std::nullopt);
  payload.push_back(' ');
  EXPECT_EQ(decoder.Decode(payload), RejectReason::kTooLarge);
}

TEST(RejectReasons, MissingFieldsDependOnTheKind) {
  const std::vector<std::pair<const char*, std::optional<RejectReason>>> cases{
      {R"("guardrail":"g","time":1,"score":1)", std::nullopt},
      {R"("time":1,"score":1)", RejectReason::kMissingField},
      {R"("guardrail":"g","score":1)", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1)", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"score":null)", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"kind":"score")", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"kind":"combined","label":true)", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"request_id":"r","kind":"label")", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"request_id":"r","label":null)", std::nullopt},
      {R"("guardrail":"g","time":1,"label":null)", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"verdict":"allow")", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"request_id":null,"verdict":"allow")",
       RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"request_id":"r","kind":"decision")",
       RejectReason::kMissingField},
      {R"("time":1,"kind":"rumour")", RejectReason::kMissingField},
      {R"("guardrail":"g","time":1,"kind":"rumour")", RejectReason::kBadType}};
  for (const auto& [fields, expected] : cases) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(Join({"{", fields, "}"})), expected) << fields;
  }
}

TEST(RejectReasons, EveryFieldThatIsReadHasAType) {
  for (const char* fields : {R"("kind":"Score")",       R"("kind":"")",
                             R"("kind":true)",          R"("kind":[])",
                             R"("category":1)",         R"("category":{})",
                             R"("model_version":2)",    R"("policy":false)",
                             R"("policy_version":1.5)", R"("variant":"")",
                             R"("variant":"Live")",     R"("variant":0)",
                             R"("threshold":"0.8")",    R"("threshold":[])",
                             R"("verdict":1)",          R"("verdict":["block"])",
                             R"("label":[])",           R"("label":{})",
                             R"("label_revision":"1")", R"("sample_prob":0)",
                             R"("sample_prob":-0.1)",   R"("sample_prob":1.0000001)",
                             R"("sample_prob":"1")",    R"("latency_ms":-0.001)",
                             R"("latency_ms":"1")",     R"("cohort":[])",
                             R"("cohort":"de")",        R"("cohort":1)"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(ScoreWith(fields)), RejectReason::kBadType) << fields;
  }
  for (const char* fields :
       {R"("score":"0.5")", R"("score":[])", R"("score":false,"logit":1)", R"("logit":"0")",
        R"("logit":{})", R"("class_scores":{})", R"("class_scores":[])", R"("class_scores":1)",
        R"("class_scores":{"a":"0"})", R"("class_scores":{"a":null})",
        R"("class_scores":{"a":0.1,"b":{}})", R"("class_scores":{"a":1},"verdict":"allow")",
        R"("class_scores":{"a":1},"verdict":"perhaps")", R"("class_scores":{"a":7,"b":true})"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(EventWith(fields)), RejectReason::kBadType) << fields;
  }
  for (const char* payload :
       {R"({"guardrail":"","time":1,"score":1})", R"({"guardrail":7,"time":1,"score":1})",
        R"({"guardrail":"g","request_id":"","time":1,"score":1})",
        R"({"guardrail":"g","request_id":7,"time":1,"score":1})"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(payload), RejectReason::kBadType) << payload;
  }
}

TEST(RejectReasons, TopicsRejectTheKindsTheyDoNotCarry) {
  const std::string score = ScoreWith(R"("x":0)");
  const std::string combined = ScoreWith(R"("verdict":"allow")");
  const std::string decision = EventWith(R"("verdict":"allow")");
  const std::string label = EventWith(R"("label":true)");
  const auto accepts = [](const std::string& payload, CarriedKinds carries) {
    Decoder decoder;
    decoder.context.carries = carries;
    const auto reason = decoder.Decode(payload);
    EXPECT_TRUE(!reason || reason == RejectReason::kUnexpectedKind);
    return !reason;
  };
  const CarriedKinds scores{.scores = true, .decisions = false, .labels = false};
  const CarriedKinds decisions{.scores = false, .decisions = true, .labels = false};
  const CarriedKinds labels{.scores = false, .decisions = false, .labels = true};
  EXPECT_TRUE(accepts(score, scores) && accepts(combined, scores));
  EXPECT_FALSE(accepts(decision, scores) || accepts(label, scores));
  EXPECT_TRUE(accepts(decision, decisions));
  EXPECT_FALSE(accepts(score, decisions) || accepts(combined, decisions) ||
               accepts(label, decisions));
  EXPECT_TRUE(accepts(label, labels));
  EXPECT_FALSE(accepts(score, labels) || accepts(combined, labels) || accepts(decision, labels));
}

TEST(RejectReasons, NamesHave256BytesAtMost) {
  for (const char* field : {"category", "model_version", "policy", "policy_version", "label"}) {
    Decoder decoder;
    const std::string begin = Join({"\"", field, R"(":")"});
    EXPECT_EQ(decoder.Decode(ScoreWith(begin + std::string(256, 'n') + '"')), std::nullopt);
    EXPECT_EQ(decoder.Decode(ScoreWith(begin + std::string(257, 'n') + '"')),
              RejectReason::kIdTooLong)
        << field;
  }
  for (const char* field : {"guardrail", "request_id"}) {
    Decoder decoder;
    const std::string begin = Join({"{\"", field, R"(":")"});
    const std::string end = R"(","guardrail":"g","time":1,"score":1})";
    EXPECT_EQ(decoder.Decode(Join({begin, std::string(256, 'n'), end})), std::nullopt);
    EXPECT_EQ(decoder.Decode(Join({begin, std::string(257, 'n'), end})), RejectReason::kIdTooLong);
  }
  Decoder decoder;
  const auto classes = [](std::size_t size) {
    return EventWith(R"("class_scores":{"a":1,")" + std::string(size, 'c') + R"(":0})");
  };
  EXPECT_EQ(decoder.Decode(classes(256)), std::nullopt);
  EXPECT_EQ(decoder.Decode(classes(257)), RejectReason::kIdTooLong);
}

TEST(RejectReasons, NamesAreMeasuredWithoutTheirEscapes) {
  Decoder decoder;
  std::string escaped;
  for (int i = 0; i < 256; ++i) escaped += "\\u0061";
  EXPECT_EQ(decoder.Decode(ScoreWith(R"("policy":")" + escaped + '"')), std::nullopt);
  EXPECT_EQ(decoder.Decode(ScoreWith(R"("policy":"a)" + escaped + '"')), RejectReason::kIdTooLong);
}

TEST(RejectReasons, ThresholdsHaveTheSlackOfScores) {
  const std::vector<std::pair<const char*, std::optional<double>>> cases{
      {"0", 0.0},           {"1", 1.0},      {"1.000000001", 1.0}, {"-1e-9", 0.0},
      {"1.0000000011", {}}, {"-1.1e-9", {}}, {"80", {}},           {"0.8", 0.8}};
  for (const auto& [text, threshold] : cases) {
    Decoder decoder;
    const auto reason = decoder.Decode(ScoreWith(R"("threshold":)" + std::string(text)));
    if (threshold) {
      EXPECT_EQ(reason, std::nullopt) << text;
      EXPECT_EQ(decoder.event.threshold, threshold) << text;
    } else {
      EXPECT_EQ(reason, RejectReason::kThresholdOutOfRange) << text;
    }
  }
}

TEST(RejectReasons, UnknownVerdictsAndLabels) {
  for (const char* text : {"", "Block", "blocked", "allow "}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(ScoreWith(R"("verdict":")" + std::string(text) + '"')),
              RejectReason::kUnknownVerdict);
  }
  for (const char* json : {"2", "-1", "0.5", "1e-9", R"("")"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(EventWith(R"("label":)" + std::string(json))),
              RejectReason::kUnknownLabel);
  }
}

TEST(RejectReasons, AScoreOutOfRangeLeavesTheRestOfTheEventReadable) {
  for (const char* score : {R"("score":1.0000000011)", R"("score":-1.1e-9)", R"("score":-1e308)",
                            R"("class_scores":{"a":0.5,"b":1.1,"c":0.1})"}) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(EventWith(R"("category":"c","model_version":"m","threshold":0.25,)" +
                                       std::string(score) + R"(,"cohort":{"lang":"de"})")),
              RejectReason::kScoreOutOfRange)
        << score;
    EXPECT_EQ(decoder.event.kind, EventKind::kScore);
    EXPECT_EQ(decoder.event.guardrail, "toxicity");
    EXPECT_EQ(decoder.event.category, "c");
    EXPECT_EQ(decoder.event.request_id, "r-1");
    EXPECT_EQ(decoder.event.model_version, "m");
    EXPECT_EQ(Micros(decoder.event.time), 1'700'000'000'000'000);
    EXPECT_EQ(decoder.event.threshold, 0.25);
    EXPECT_EQ(decoder.event.cohort[0].text, "de");
    EXPECT_FALSE(decoder.event.score);
    EXPECT_TRUE(decoder.event.class_scores.empty());
  }
}

}  // namespace
}  // namespace guardwatch
