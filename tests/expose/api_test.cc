#include "expose/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example.h"
#include "expose/api_query.h"
#include "support/golden.h"
#include "support/snapshot_builder.h"

namespace guardwatch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The API over the example, with a monitor that remembers what it was asked.
class ApiTest : public testing::Test {
 protected:
  ApiAnswer Get(std::string_view endpoint, std::string_view query = "") {
    std::optional<ApiAnswer> got;
    Api(backend_).Handle(endpoint, *ParseQuery(query), [&](ApiAnswer answer) {
      EXPECT_FALSE(got) << "answered twice";
      got = std::move(answer);
    });
    EXPECT_TRUE(got) << "not answered";
    return got.value_or(ApiAnswer{});
  }

  // Line breaks between objects: a golden file that people can read and compare.
  static std::string Readable(std::string json) {
    std::string text;
    for (std::size_t i = 0; i < json.size(); ++i) {
      text.push_back(json[i]);
      if (json[i] == ',' && (json[i - 1] == '}' || json[i - 1] == ']')) text.push_back('\n');
    }
    return text + "\n";
  }

  void ExpectAnswer(const std::string& golden, std::string_view endpoint,
                    std::string_view query = "") {
    const ApiAnswer answer = Get(endpoint, query);
    EXPECT_EQ(answer.status, 200);
    ExpectGolden("api/" + golden + ".json", Readable(answer.json));
  }

  void ExpectBadRequest(std::string_view endpoint, std::string_view query, std::string_view says) {
    const ApiAnswer answer = Get(endpoint, query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.json, HasSubstr(says));
    EXPECT_THAT(answer.json, testing::StartsWith(R"({"error":{"code":"bad_request","message":)"));
  }

  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>(ExampleSnapshot());
  std::optional<WindowQuery> asked_windows_;
  std::optional<HistoryQuery> asked_history_;
  std::vector<SeriesWindow> past_windows_;
  std::vector<SeriesHistory> history_;
  ApiBackend backend_{
      .snapshot = [this] { return snapshot_; },
      .ask_windows =
          [this](WindowQuery query, const auto& done) {
            asked_windows_ = std::move(query);
            done(past_windows_);
          },
      .ask_history =
          [this](HistoryQuery query, const auto& done) {
            asked_history_ = std::move(query);
            done(history_);
          },
      .self = ExampleSelf,
      .config_json = [] { return std::string(R"({"sources":[]})"); },
      .reload = {},
  };
};

TEST_F(ApiTest, AnswersStatusAsAgreed) { ExpectAnswer("status", "status"); }
TEST_F(ApiTest, AnswersGuardrailsAsAgreed) { ExpectAnswer("guardrails", "guardrails"); }
TEST_F(ApiTest, AnswersAlertsAsAgreed) { ExpectAnswer("alerts", "alerts"); }
TEST_F(ApiTest, AnswersFindingsAsAgreed) { ExpectAnswer("findings", "findings"); }
TEST_F(ApiTest, AnswersWindowsAsAgreed) {
  ExpectAnswer("windows", "windows", "guardrail=toxicity-1&slice=lang:de&window=1h");
}
TEST_F(ApiTest, AnswersHistogramAsAgreed) {
  ExpectAnswer("histogram", "histogram", "guardrail=toxicity-1&variant=live&window=5m");
}
TEST_F(ApiTest, AnswersReliabilityAsAgreed) {
  ExpectAnswer("reliability", "reliability", "guardrail=toxicity-1&variant=live&view=matured");
}
TEST_F(ApiTest, AnswersCohortsAsAgreed) {
  ExpectAnswer("cohorts", "cohorts", "guardrail=toxicity-1&dimension=lang&window=1h&view=current");
}

TEST_F(ApiTest, AnswersCurvesAsAgreed) {
  ExpectAnswer("curves", "curves", "guardrail=toxicity-1&variant=live&view=matured");
}

TEST_F(ApiTest, ListsTheHeadlinesUnlessAGuardrailIsNamed) {
  EXPECT_THAT(Get("windows", "slice=whole").json, Not(HasSubstr("perplexity")));
  EXPECT_THAT(Get("windows", "guardrail=toxicity-1&slice=whole").json, HasSubstr("smooth_ece"));
  const std::string slice = Get("windows", "guardrail=toxicity-1&slice=lang:de").json;
  EXPECT_THAT(slice, HasSubstr("perplexity"));
  EXPECT_THAT(slice, Not(HasSubstr("smooth_ece")));
}

TEST_F(ApiTest, AThinCohortIsNotCalledMonitoredAndIsPulledTowardsTheOthers) {
  SnapshotBuilder cohorts("2026-11-22T10:06:05Z");
  const auto add = [&](std::string language, int allowed, int flagged) {
    cohorts.Series({{"gateway", "pii", ""}, "p-1", Variant::kLive, {"lang", std::move(language)}},
                   {{std::chrono::hours(1), WindowViewKind::kCurrent, At("2026-11-22T10:05:00Z"),
                     AggregateBuilder(score_grid::kCoarse)
                         .Scores(allowed, 0.1)
                         .Scores(flagged, 0.9)
                         .Build()}});
  };
  add("de", 9'500, 500);
  add("en", 1, 1);
  snapshot_ = std::make_shared<Snapshot>(cohorts.Build());
  const std::string json = Get("cohorts", "guardrail=pii").json;
  const std::size_t en = json.find(R"("value":"en")");
  EXPECT_THAT(json.substr(0, en), HasSubstr(R"("status":"monitorable")"));
  EXPECT_THAT(json.substr(en), HasSubstr(R"("status":"not_monitorable")"));
  // With two values the prior is 50 events at the common rate, 501/10002: (1 + 2.5045) / 52.
  EXPECT_THAT(json.substr(en), HasSubstr(R"("fail_rate":{"value":0.0673)"));
}

TEST_F(ApiTest, TheTopLabelOfClassesHasTheirMacroAverages) {
  SnapshotBuilder classes("2026-11-22T10:06:05Z");
  const auto add = [&](std::string category, const Aggregate& total) {
    classes.Series(
        {{"gateway", "router", std::move(category)}, "r-7", Variant::kLive, {}},
        {{std::chrono::minutes(5), WindowViewKind::kMatured, At("2026-11-22T10:05:00Z"), total}});
  };
  const auto labeled = [](int low, int high) {
    return AggregateBuilder()
        .Labels(20, 0.2, false)
        .Labels(low, 0.2, true)
        .Labels(high, 0.9, true)
        .Build();
  };
  add("__top__", labeled(0, 20));
  add("billing", labeled(10, 10));  // AUC 3/4, F1 2/3.
  add("refunds", labeled(0, 20));   // AUC 1, F1 1.
  add("other", labeled(0, 5));      // Too few positives for an area; F1 1.
  snapshot_ = std::make_shared<Snapshot>(classes.Build());
  EXPECT_THAT(Get("windows", "guardrail=router").json,
              HasSubstr(R"("macro":{"roc_auc":{"value":0.875,"n":2},"f1":{"value":0.88888)"));
}

TEST_F(ApiTest, HandsTheConfigurationThrough) {
  EXPECT_EQ(Get("config").json, R"({"sources":[]})");
}

TEST_F(ApiTest, WholeBaselinesAreThereForTheAsking) {
  EXPECT_THAT(Get("baselines").json, HasSubstr(R"("baselines":[)"));
  EXPECT_THAT(Get("baselines").json, Not(HasSubstr("model_versions")));
  EXPECT_THAT(Get("baselines", "with=model_versions").json, HasSubstr(R"("model_versions":[)"));
  ExpectBadRequest("baselines", "with=model_version", "did you mean `model_versions`?");
}

TEST_F(ApiTest, AnswersSeriesAsAgreed) {
  SeriesHistory history;
  history.key = snapshot_->series[1]->key;
  history.points = {{At("2026-11-22T10:00:00Z"), At("2026-11-22T10:00:10Z"),
                     AggregateBuilder().Scores(9, 0.1).Scores(1, 0.79).Build()},
                    {At("2026-11-22T10:00:10Z"), At("2026-11-22T10:00:20Z"), Aggregate{}}};
  history_ = {history};
  ExpectAnswer("series", "series", "statistic=band_share&guardrail=toxicity-1");
}

TEST_F(ApiTest, PlotsTheHourBeforeTheLatestSealedPaneOfTheWholeByDefault) {
  Get("series", "statistic=ece");
  ASSERT_TRUE(asked_history_);
  EXPECT_EQ(asked_history_->from, At("2026-11-22T09:05:00Z"));
  EXPECT_EQ(asked_history_->to, At("2026-11-22T10:05:00Z"));
  EXPECT_EQ(asked_history_->step, std::chrono::seconds(30));
  EXPECT_EQ(asked_history_->series.slice, Slice{});
}

TEST_F(ApiTest, TakesTimesAsRfc3339AndAsSecondsSinceTheEpoch) {
  Get("series", "statistic=ece&from=1795341600&to=2026-11-22T11:05:00%2B01:00&step=1m");
  ASSERT_TRUE(asked_history_);
  EXPECT_EQ(asked_history_->from, At("2026-11-22T10:00:00Z"));
  EXPECT_EQ(asked_history_->to, At("2026-11-22T10:05:00Z"));
  EXPECT_EQ(asked_history_->step, std::chrono::minutes(1));
}

TEST_F(ApiTest, AsksTheMonitorForPastWindows) {
  past_windows_ = {{snapshot_->series[1]->key, snapshot_->series[1]->windows[0]}};
  const ApiAnswer answer = Get("windows", "at=2026-11-22T09:00:00Z&view=current&category=");
  ASSERT_TRUE(asked_windows_);
  EXPECT_EQ(asked_windows_->at, At("2026-11-22T09:00:00Z"));
  EXPECT_EQ(asked_windows_->view, WindowViewKind::kCurrent);
  EXPECT_EQ(asked_windows_->series.category, "");
  EXPECT_THAT(answer.json, HasSubstr(R"("model_version":"tox-v11")"));
}

TEST_F(ApiTest, SelectsWindowsByEveryParameter) {
  const auto count = [&](std::string_view query) {
    const std::string json = Get("windows", query).json;
    std::size_t windows = 0;
    for (std::size_t at = json.find("\"confusion\""); at != std::string::npos;
         at = json.find("\"confusion\"", at + 1)) {
      ++windows;
    }
    return windows;
  };
  EXPECT_EQ(count(""), 18u);
  EXPECT_EQ(count("source=nowhere"), 0u);
  EXPECT_EQ(count("guardrail=toxicity-1"), 15u);
  EXPECT_EQ(count("category="), 3u);
  EXPECT_EQ(count("model_version=tox-v12"), 9u);
  EXPECT_EQ(count("variant=candidate"), 3u);
  EXPECT_EQ(count("slice=whole"), 12u);
  EXPECT_EQ(count("slice="), 12u);
  EXPECT_EQ(count("slice=lang:en"), 3u);
  EXPECT_EQ(count("slice=lang%3Den"), 3u);
  EXPECT_EQ(count("window=5m"), 6u);
  EXPECT_EQ(count("window=60m&view=matured"), 6u);
}

TEST_F(ApiTest, FiltersAlertsByState) {
  const ApiAnswer answer = Get("alerts", "state=firing");
  EXPECT_THAT(answer.json, HasSubstr(R"("state":"firing")"));
  EXPECT_THAT(answer.json, Not(HasSubstr(R"("state":"pending")")));
}

TEST_F(ApiTest, NamesTheNearestParameterOfAnUnknownOne) {
  ExpectBadRequest("windows", "guardrial=x",
                   "unknown parameter `guardrial` (did you mean `guardrail`?)");
  ExpectBadRequest("status", "pretty=1", "unknown parameter `pretty`");
}

TEST_F(ApiTest, SaysWhatIsWrongWithAValue) {
  ExpectBadRequest("windows", "window=5", "parameter `window`: `5` is no duration");
  ExpectBadRequest("windows", "window=0s", "is no duration");
  ExpectBadRequest("windows", "at=yesterday", "parameter `at`: `yesterday` is no time");
  ExpectBadRequest("windows", "view=final", "neither `current` nor `matured`");
  ExpectBadRequest("windows", "variant=canary", "neither `live` nor `candidate`");
  ExpectBadRequest("windows", "slice=lang", "is no slice");
  ExpectBadRequest("windows", "window=5m&window=1h", "parameter `window` is given twice");
  ExpectBadRequest("alerts", "state=fireing", "did you mean `firing`?");
  ExpectBadRequest("series", "", "parameter `statistic` is missing (known: band_share, ");
  ExpectBadRequest("series", "statistic=band_shar", "did you mean `band_share`?");
  ExpectBadRequest("series", "statistic=ece&from=20&to=10", "`from` must be before `to`");
  ExpectBadRequest("series", "statistic=ece&from=0&to=1795341600&step=1s", "`step` is too short");
  ExpectBadRequest("series", "statistic=smooth_ece&from=1795338000&to=1795341600&step=10s",
                   "at most 250 points");
}

TEST_F(ApiTest, NamesTheNearestEndpointOfAnUnknownOne) {
  const ApiAnswer answer = Get("window");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(
      answer.json,
      R"x({"error":{"code":"not_found","message":"no endpoint `window` (did you mean `windows`?)"}})x");
}

TEST_F(ApiTest, RefusesAnswersThatWouldTakeTooLong) {
  SnapshotBuilder many("2026-11-22T10:00:00Z");
  for (int i = 0; i < 10'001; ++i) {
    many.Series({{"gateway", std::to_string(i), ""}, "", Variant::kLive, {}}, {WindowView{}});
  }
  snapshot_ = std::make_shared<Snapshot>(many.Build());
  const ApiAnswer answer = Get("windows");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.json, HasSubstr("too_many_results"));
}

TEST(ParseTime, TakesWholeAndFractionalSecondsAndNothingElse) {
  EXPECT_EQ(ParseTime("1795341600"), At("2026-11-22T10:00:00Z"));
  EXPECT_EQ(ParseTime("1795341600.25"), At("2026-11-22T10:00:00.25Z"));
  for (const char* text :
       {"", "-1", ".5", "1.", "1.1234567", "1e9", "99999999999999", "1 ", "1.-2"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(ParseSlice, SplitsAtTheFirstSeparator) {
  EXPECT_EQ(ParseSlice("tier:a:b"), (Slice{"tier", "a:b"}));
  EXPECT_EQ(ParseSlice("tier="), (Slice{"tier", ""}));
  EXPECT_FALSE(ParseSlice(":x"));
}

}  // namespace
}  // namespace guardwatch
