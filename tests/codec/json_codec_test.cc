#include "codec/json_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace guardwatch {
namespace {

using Form = LabelValue::Form;

TEST(JsonCodec, ReadsEveryFieldOfACombinedEvent) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"kind":"combined","request_id":"r-81f2",
      "time":"2026-11-22T09:41:07.123Z","guardrail":"prompt-injection","category":"jailbreak",
      "score":0.8132,"threshold":0.8,"verdict":"block","action":"blocked","label":"unsafe",
      "label_revision":3,"label_source":"human","sample_prob":0.05,"model_version":"pi-2026-10",
      "policy":"strict","policy_version":"7","variant":"candidate","latency_ms":12.5,
      "error_type":null,"trace_id":"t","cohort":{"lang":"de","tier":"free","region":"eu"}})"),
            std::nullopt);
  const Event& event = decoder.event;
  EXPECT_EQ(event.kind, EventKind::kCombined);
  EXPECT_EQ(event.request_id, "r-81f2");
  EXPECT_EQ(Micros(event.time), 1'795'340'467'123'000);
  EXPECT_EQ(event.guardrail, "prompt-injection");
  EXPECT_EQ(event.category, "jailbreak");
  EXPECT_EQ(event.score, Score::FromClipped(0.8132));
  EXPECT_EQ(event.threshold, 0.8);
  EXPECT_EQ(event.verdict, Verdict::kBlock);
  EXPECT_EQ(event.label->value.form, Form::kPositive);
  EXPECT_EQ(event.label->value.text, "unsafe");
  EXPECT_EQ(event.label->revision, 3);
  EXPECT_EQ(event.sample_prob, 0.05);
  EXPECT_EQ(event.model_version, "pi-2026-10");
  EXPECT_EQ(event.policy, "strict");
  EXPECT_EQ(event.policy_version, "7");
  EXPECT_EQ(event.variant, Variant::kCandidate);
  EXPECT_EQ(event.latency_ms, 12.5);
  ASSERT_EQ(event.cohort.size(), 2u);
  EXPECT_EQ(event.cohort[0].text, "de");
  EXPECT_EQ(event.cohort[1].text, "free");
}

TEST(JsonCodec, LeavesOutWhatTheEventLeavesOutOrSaysIsNull) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"guardrail":"g","time":1,"score":1})"), std::nullopt);
  const auto expect_bare = [&] {
    EXPECT_EQ(decoder.event.kind, EventKind::kScore);
    EXPECT_EQ(decoder.event.request_id, "");
    EXPECT_EQ(decoder.event.category, "");
    EXPECT_EQ(decoder.event.variant, Variant::kLive);
    EXPECT_FALSE(decoder.event.threshold || decoder.event.verdict || decoder.event.label ||
                 decoder.event.sample_prob || decoder.event.latency_ms);
    ASSERT_EQ(decoder.event.cohort.size(), 2u);
    EXPECT_FALSE(decoder.event.cohort[0].present || decoder.event.cohort[1].present);
  };
  expect_bare();
  ASSERT_EQ(decoder.Decode(ScoreWith(R"("category":"c","variant":"candidate","threshold":1,
      "verdict":"flag","label":true,"sample_prob":1,"latency_ms":1,"cohort":{"lang":"de"})")),
            std::nullopt);
  ASSERT_EQ(decoder.Decode(R"({"kind":null,"guardrail":"g","time":1,"score":1,"request_id":null,
      "category":null,"variant":null,"threshold":null,"verdict":null,"label":null,"logit":null,
      "sample_prob":null,"latency_ms":null,"cohort":null,"label_revision":null,"policy":null})"),
            std::nullopt);
  expect_bare();
}

struct KindCase {
  const char* fields;
  EventKind kind;
};

TEST(JsonCodec, InfersTheKindFromWhatIsThere) {
  for (const KindCase& c : std::vector<KindCase>{
           {R"("score":0.5)", EventKind::kScore},
           {R"("logit":0.5)", EventKind::kScore},
           {R"("class_scores":{"a":0.5})", EventKind::kScore},
           {R"("score":0.5,"label":null)", EventKind::kScore},
           {R"("score":0.5,"label":true)", EventKind::kCombined},
           {R"("class_scores":{"a":0.5},"label":"a")", EventKind::kCombined},
           {R"("score":0.5,"verdict":"allow")", EventKind::kCombined},
           {R"("score":null,"verdict":"allow")", EventKind::kDecision},
           {R"("verdict":"allow")", EventKind::kDecision},
           {R"("verdict":"allow","label":false)", EventKind::kLabel},
           {R"("label":false)", EventKind::kLabel},
           {R"("label":null)", EventKind::kLabel},
           {R"("kind":"score","score":0.5,"verdict":"allow")", EventKind::kScore},
           {R"("kind":"combined","score":0.5)", EventKind::kCombined},
           {R"("kind":"decision","score":0.5,"verdict":"allow")", EventKind::kDecision},
           {R"("kind":"label","score":0.5,"label":false)", EventKind::kLabel},
           {R"("score":0.5,"kind":"label","label":false)", EventKind::kLabel}}) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(EventWith(c.fields)), std::nullopt) << c.fields;
    EXPECT_EQ(decoder.event.kind, c.kind) << c.fields;
  }
}

TEST(JsonCodec, IgnoresTheScoreOfLabelsAndDecisionsEvenIfItIsWrong) {
  for (const char* score : {R"("score":17)", R"("score":"high")", R"("class_scores":{})"}) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(EventWith(R"("kind":"label","label":true,)" + std::string(score))),
              std::nullopt);
    EXPECT_FALSE(decoder.event.score);
    ASSERT_EQ(
        decoder.Decode(EventWith(R"("kind":"decision","verdict":"flag",)" + std::string(score))),
        std::nullopt);
    EXPECT_FALSE(decoder.event.score);
    EXPECT_TRUE(decoder.event.class_scores.empty());
  }
}

TEST(JsonCodec, IgnoresVerdictsOfLabelsAndLabelsOfDecisions) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(EventWith(R"("label":true,"verdict":"perhaps")")), std::nullopt);
  EXPECT_FALSE(decoder.event.verdict);
  ASSERT_EQ(decoder.Decode(EventWith(R"("kind":"decision","verdict":"flag","label":[])")),
            std::nullopt);
  EXPECT_FALSE(decoder.event.label);
}

struct ScoreCase {
  const char* fields;
  std::uint32_t q;
};

TEST(JsonCodec, QuantisesScoresHalfToEvenAndClampsWithinTheSlack) {
  constexpr std::uint32_t kHalf = kScoreOne / 2;
  for (const ScoreCase& c :
       std::vector<ScoreCase>{{R"("score":0)", 0},
                              {R"("score":-0.0)", 0},
                              {R"("score":1)", kScoreOne},
                              {R"("score":0.5)", kHalf},
                              // Odd multiples of 2^-31 lie halfway between two grid points.
                              {R"("score":4.656612873077392578125e-10)", 0},
                              {R"("score":1.3969838619232177734375e-9)", 2},
                              {R"("score":0.5000000004656612873077392578125)", kHalf},
                              {R"("score":0.5000000013969838619232177734375)", kHalf + 2},
                              {R"("score":0.50000000046566139832)", kHalf + 1},
                              {R"("score":1e-300)", 0},
                              {R"("score":1e-400)", 0},
                              {R"("score":-0.000000001)", 0},
                              {R"("score":1.000000001)", kScoreOne},
                              {R"("logit":0)", kHalf},
                              {R"("logit":1000)", kScoreOne},
                              {R"("logit":-1000)", 0},
                              {R"("logit":1.0986122886681098)", 3 * (kScoreOne / 4)},
                              {R"("score":1,"logit":"x","class_scores":[])", kScoreOne},
                              {R"("class_scores":[],"logit":0)", kHalf},
                              {R"("score":null,"logit":0)", kHalf}}) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(EventWith(c.fields)), std::nullopt) << c.fields;
    ASSERT_TRUE(decoder.event.score) << c.fields;
    EXPECT_EQ(decoder.event.score->q, c.q) << c.fields;
    EXPECT_TRUE(decoder.event.class_scores.empty());
  }
}

TEST(JsonCodec, KeepsClassScoresInDocumentOrderAndTheFirstOfEachName) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(EventWith(
                R"("class_scores":{"spam":0.25,"safe":0.5,"spam":"x","":1,"s\u0070am":7,"a":0})")),
            std::nullopt);
  EXPECT_FALSE(decoder.event.score);
  const auto scores = decoder.event.class_scores;
  ASSERT_EQ(scores.size(), 4u);
  EXPECT_EQ(scores[0].name, "spam");
  EXPECT_EQ(scores[0].score, Score::FromClipped(0.25));
  EXPECT_EQ(scores[1].name, "safe");
  EXPECT_EQ(scores[2].name, "");
  EXPECT_EQ(scores[2].score.q, kScoreOne);
  EXPECT_EQ(scores[3].name, "a");
}

TEST(JsonCodec, TakesTheFirstOfDuplicateKeysWhateverTheOthersHold) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(EventWith(
                R"("score":0.25,"score":0.75,"sc\u006fre":"x","guardrail":null,"guardrail":[],
                   "verdict":null,"verdict":"block","cohort":{"lang":"de","lang":7},"cohort":1)")),
            std::nullopt);
  EXPECT_EQ(decoder.event.score, Score::FromClipped(0.25));
  EXPECT_EQ(decoder.event.guardrail, "toxicity");
  EXPECT_FALSE(decoder.event.verdict) << "the first verdict is null, which is absence";
  EXPECT_EQ(decoder.event.cohort[0].text, "de");
}

TEST(JsonCodec, UnescapesKeysAndStrings) {
  Decoder decoder;
  ASSERT_EQ(decoder.Decode(R"({"g\u0075ardrail":"a\"b\\c\/d\n\u00e4\ud83d\ude00","time":1,"score":0,
      "category":"\u0000x","model_version":"\u00e4","policy":"\t"})"),
            std::nullopt);
  EXPECT_EQ(decoder.event.guardrail, "a\"b\\c/d\n\u00e4\U0001F600");
  EXPECT_EQ(decoder.event.category, std::string_view("\0x", 2));
  EXPECT_EQ(decoder.event.model_version, "\u00e4");
  EXPECT_EQ(decoder.event.policy, "\t");
}

TEST(JsonCodec, ReadsVerdicts) {
  for (const Verdict verdict : {Verdict::kAllow, Verdict::kBlock, Verdict::kFlag, Verdict::kRedact,
                                Verdict::kEscalate, Verdict::kError}) {
    Decoder decoder;
    const std::string field = R"("verdict":")" + std::string(ToString(verdict)) + '"';
    ASSERT_EQ(decoder.Decode(EventWith(field)), std::nullopt) << field;
    EXPECT_EQ(decoder.event.verdict, verdict);
  }
}

struct LabelCase {
  const char* json;
  Form form;
  std::string_view text;
};

TEST(JsonCodec, ReadsLabelsInEveryForm) {
  for (const LabelCase& c : std::vector<LabelCase>{{"true", Form::kPositive, ""},
                                                   {"false", Form::kNegative, ""},
                                                   {"1", Form::kPositive, ""},
                                                   {"1.0", Form::kPositive, ""},
                                                   {"0", Form::kNegative, ""},
                                                   {"-0.0", Form::kNegative, ""},
                                                   {R"("positive")", Form::kPositive, "positive"},
                                                   {R"("unsafe")", Form::kPositive, "unsafe"},
                                                   {R"("negative")", Form::kNegative, "negative"},
                                                   {R"("safe")", Form::kNegative, "safe"},
                                                   {R"("Safe")", Form::kClassName, "Safe"},
                                                   {R"("spam")", Form::kClassName, "spam"},
                                                   {"null", Form::kRetracted, ""}}) {
    Decoder decoder;
    for (const char* kind : {"", R"("kind":"label",)"}) {
      ASSERT_EQ(decoder.Decode(EventWith(kind + (R"("label":)" + std::string(c.json)))),
                std::nullopt);
      ASSERT_TRUE(decoder.event.label) << c.json;
      EXPECT_EQ(decoder.event.label->value.form, c.form) << c.json;
      EXPECT_EQ(decoder.event.label->value.text, c.text) << c.json;
      EXPECT_EQ(decoder.event.label->revision, 0);
    }
  }
}

TEST(JsonCodec, ReadsRevisionsOverTheWholeRangeOfIntegers) {
  const std::vector<std::pair<const char*, std::int64_t>> cases{{"-9223372036854775808", INT64_MIN},
                                                                {"9223372036854775807", INT64_MAX},
                                                                {"0", 0},
                                                                {"-1", -1},
                                                                {"2.0", 2},
                                                                {"3e2", 300}};
  for (const auto& [text, value] : cases) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(EventWith(R"("label":1,"label_revision":)" + std::string(text))),
              std::nullopt);
    EXPECT_EQ(decoder.event.label->revision, value) << text;
  }
  for (const char* text : {"1.5", "9223372036854775808", "1e19", "true", R"("1")", "[]"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(EventWith(R"("label":1,"label_revision":)" + std::string(text))),
              RejectReason::kBadType)
        << text;
  }
}

TEST(JsonCodec, KeepsConfiguredDimensionsOnlyAndScalarsAsText) {
  const auto cohort = [](Decoder& decoder, const char* json) {
    EXPECT_EQ(decoder.Decode(ScoreWith(R"("cohort":)" + std::string(json))), std::nullopt) << json;
    return std::vector<CohortValue>(decoder.event.cohort.begin(), decoder.event.cohort.end());
  };
  const std::vector<std::pair<const char*, std::optional<std::string_view>>> cases{
      {R"({"tier":"free"})", "free"},
      {R"({"tier":""})", ""},
      {R"({"tier": 1.50 })", "1.50"},
      {R"({"tier":-0})", "-0"},
      {R"({"tier":true})", "true"},
      {R"({"tier":false })", "false"},
      {R"({"tier":null})", {}},
      {R"({"tier":{"a":1}})", {}},
      {R"({"tier":["a"]})", {}},
      {R"({"tiers":"x"})", {}},
      {"{}", {}},
      {R"({"tier":null,"tier":"x"})", {}},
      {R"({"tier":"a\u0000"})", std::string_view("a\0", 2)}};
  for (const auto& [json, expected] : cases) {
    Decoder decoder;
    const std::vector<CohortValue> values = cohort(decoder, json);
    ASSERT_EQ(values.size(), 2u);
    EXPECT_FALSE(values[0].present) << json;
    EXPECT_EQ(values[1].present, expected.has_value()) << json;
    EXPECT_EQ(values[1].text, expected.value_or("")) << json;
  }
}

TEST(JsonCodec, WorksWithoutDimensions) {
  JsonCodec codec({});
  DecodeBuffer buffer;
  Event event;
  EXPECT_EQ(codec.Decode(ScoreWith(R"("cohort":{"lang":"de"})"), {}, buffer, event), std::nullopt);
  EXPECT_TRUE(event.cohort.empty());
}

TEST(JsonCodec, KeepsLabelsOutOfTopicsThatCarryNone) {
  Decoder decoder;
  decoder.context.carries = {.scores = true, .decisions = false, .labels = false};
  ASSERT_EQ(decoder.Decode(ScoreWith(R"("label":true,"verdict":"block")")), std::nullopt);
  EXPECT_EQ(decoder.event.kind, EventKind::kCombined);
  EXPECT_EQ(decoder.event.verdict, Verdict::kBlock);
  EXPECT_FALSE(decoder.event.label);
}

}  // namespace
}  // namespace guardwatch
