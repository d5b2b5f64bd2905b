#include "expose/window_json.h"

#include <array>

#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

const SeriesKey kGermanHate{
    {"gateway", "toxicity-1", "hate"}, "tox-v12", Variant::kLive, {"lang", "de"}};

WindowView FiveMinutes(Aggregate total) {
  return {std::chrono::minutes(5), WindowViewKind::kCurrent, At("2026-11-22T10:05:00Z"),
          std::move(total)};
}

std::string WindowText(const SeriesKey& key, const WindowView& window) {
  JsonWriter json;
  WriteWindow(json, key, window);
  return json.Take();
}

TEST(WindowJson, SpellsOutAWindowWithLabels) {
  const Aggregate total = AggregateBuilder()
                              .Scores(10, 0.5)
                              .Scores(4, 0.95)
                              .Labels(3, 0.5, false)
                              .Labels(2, 0.95, true)
                              .Build();
  ExpectGolden("window.json", WindowText(kGermanHate, FiveMinutes(total)) + "\n");
}

TEST(WindowJson, GivesAReasonInsteadOfAZeroWhereThereIsNoData) {
  const std::string text = WindowText({}, FiveMinutes({}));
  EXPECT_NE(text.find(R"("slice":{},"window":"5m")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("ece":{"value":null,"reason":"no_data","n":0})"), std::string::npos);
  EXPECT_NE(
      text.find(R"({"bin":14,"lower":0.9333333,"upper":1,"labeled":0,"positive":0,"score_q":"0"})"),
      std::string::npos);
}

TEST(WindowJson, KeepsSumsBeyond53BitsExact) {
  Aggregate total;
  total.score_q_squared = (Int128{1} << 100) + 1;
  EXPECT_NE(WindowText({}, FiveMinutes(total))
                .find(R"("score_q_squared":"1267650600228229401496703205377")"),
            std::string::npos);
}

TEST(WindowJson, SpellsOutTheConfusionMatrixOfATopLabelRowsByTrueClass) {
  const std::array<LabeledClasses::Pair, 3> pairs{
      {{"spam", "ok", 2}, {"ok", "ok", 5}, {"spam", "spam", 1}}};
  Aggregate total;
  total.classes = LabeledClasses(pairs);
  SeriesKey top{{"gateway", "router", "__top__"}, "r-7", Variant::kLive, {}};
  const std::string text = WindowText(top, FiveMinutes(total));
  EXPECT_NE(text.find(R"("confusion_matrix":{"classes":["ok","spam"],"counts":[[5,0],[2,1]],)"
                      R"("folded":0,"accuracy":{"value":0.75,"low":)"),
            std::string::npos)
      << text;
  top.slice = {"lang", "de"};
  EXPECT_EQ(WindowText(top, FiveMinutes(total)).find("confusion_matrix"), std::string::npos);
}

TEST(WindowJson, WritesAPaneWithItsStart) {
  JsonWriter json;
  WritePane(json, kGermanHate,
            {std::chrono::seconds(10), WindowViewKind::kMatured, At("2026-11-22T10:05:00Z"), {}});
  EXPECT_NE(
      json.text().find(
          R"("window":"pane","start":"2026-11-22T10:04:50Z","view":"matured","end":"2026-11-22T10:05:00Z")"),
      std::string::npos)
      << json.text();
}

}  // namespace
}  // namespace guardwatch
