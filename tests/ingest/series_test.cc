// Which series an event counts in: slices, reserved values, and names beyond the caps.

#include <gtest/gtest.h>

#include "support/source_run.h"

namespace guardwatch {
namespace {

SourceOptions WithCohorts(std::vector<std::string> cohorts) {
  SourceOptions source;
  source.cohorts = std::move(cohorts);
  return source;
}
EventBuilder Scored(double p = 0.5) { return EventBuilder::Scored("", p); }

TEST(SliceTest, EveryScoreCountsInTheWholeAndOncePerDimension) {
  SourceRun run(WithCohorts({"lang", "tier"}));
  run.Read(Scored().Cohort({"de", "free"}));
  run.Read(Scored().Cohort({"de", std::nullopt}));
  run.Read(Scored().Cohort({"", "true"}));
  EXPECT_EQ(run.Total().scored, 3);
  EXPECT_EQ(run.TotalOf("lang", "de").scored, 2);
  EXPECT_EQ(run.TotalOf("lang", "").scored, 1);
  EXPECT_EQ(run.TotalOf("tier", "free").scored, 1);
  EXPECT_EQ(run.TotalOf("tier", "true").scored, 1);
  EXPECT_EQ(run.TotalOf("tier", "__none__").scored, 1);
}

TEST(SliceTest, ValuesOfMoreThan128BytesShareOther) {
  SourceRun run(WithCohorts({"lang"}));
  run.Read(Scored().Cohort({std::string(128, 'x')}));
  run.Read(Scored().Cohort({std::string(129, 'x')}));
  EXPECT_EQ(run.TotalOf("lang", std::string(128, 'x')).scored, 1);
  EXPECT_EQ(run.TotalOf("lang", "__other__").scored, 1);
}

TEST(SliceTest, DimensionsMayBeSetPerGuardrail) {
  SourceOptions source = WithCohorts({"lang"});
  source.guardrails = {OptionsOf("toxicity")};
  source.guardrails[0].cohorts = {"tier"};
  ASSERT_EQ(Dimensions(source), (std::vector<std::string>{"lang", "tier"}));
  SourceRun run(source);
  run.Read(Scored().Cohort({"de", "free"}));
  run.Read(Scored().Guardrail("pii").Cohort({"de", "free"}));
  EXPECT_EQ(run.TotalOf("lang", "de").scored, 1);
  EXPECT_EQ(run.TotalOf("tier", "free").scored, 1);
}

TEST(CapTest, ValuesBeyondItShareOtherAndTotalsStayExact) {
  SourceOptions source = WithCohorts({"lang"});
  source.max_values_per_dimension = 3;
  SourceRun run(source);
  for (int i = 0; i < 40; ++i) run.Read(Scored(i / 64.0).Cohort({"v" + std::to_string(i)}));
  EXPECT_EQ(run.TotalOf("lang", "v2").scored, 1);
  EXPECT_EQ(run.TotalOf("lang", "v3").scored, 0);
  EXPECT_EQ(run.TotalOf("lang", "__other__").scored, 37);
  EXPECT_EQ(run.Total().scored, 40);
  EXPECT_TRUE(run.Total().score_q == Int128{780} * (kScoreOne / 64));
  EXPECT_TRUE(run.monitor().sources()[0]->series_limit_reached());
}

TEST(CapTest, UnitsBeyondItShareOther) {
  SourceOptions source;
  source.max_units = 2;
  SourceRun run(source);
  for (int i = 0; i < 30; ++i) run.Read(Scored().Guardrail("g" + std::to_string(i)));
  SeriesFilter other = SourceRun::Whole();
  other.guardrail = "__other__";
  EXPECT_EQ(run.Total(other).scored, 28);
  EXPECT_EQ(run.Total().scored, 30);
}

TEST(CapTest, AGuardrailThatIsNamedOtherIsBoundedToo) {
  SourceOptions source;
  source.max_units = 2;
  SourceRun run(source);
  for (int i = 0; i < 30; ++i) {
    run.Read(Scored().Guardrail("__other__").Category("c" + std::to_string(i)));
  }
  EXPECT_EQ(run.Total().scored, 30);
  EXPECT_LE(run.TakeSnapshot()->series.size(), 3u);
}

TEST(CapTest, ModelVersionsBeyondItShareOther) {
  SourceOptions source;
  source.max_versions_per_unit = 2;
  SourceRun run(source);
  for (int i = 0; i < 20; ++i) run.Read(Scored().Model("m" + std::to_string(i)));
  SeriesFilter other = SourceRun::Whole();
  other.model_version = "__other__";
  EXPECT_EQ(run.Total(other).scored, 18);
  EXPECT_EQ(run.Total().scored, 20);
}

TEST(CapTest, AValueThatHasAPlaceKeepsItWhicheverShardBringsIt) {
  MonitorOptions monitor = SourceRun::TwoDays();
  monitor.max_series = 3;
  SourceRun run(WithCohorts({"lang"}), {{"events", kEverything, 2}}, monitor);
  run.Read(0, Scored().Cohort({"de"}));
  run.Read(0, Scored().Cohort({"en"}));
  run.Read(0, Scored().Cohort({"fr"}));  // The whole, de and en are there: no room.
  run.Flush();
  run.Read(1, Scored().Cohort({"de"}));
  EXPECT_EQ(run.TotalOf("lang", "de").scored, 2);
  EXPECT_EQ(run.TotalOf("lang", "__other__").scored, 1);
  EXPECT_EQ(run.Total().scored, 4);
}

}  // namespace
}  // namespace guardwatch
