#include "source/generator.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "generated.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ScenarioOptions Calm(std::int64_t events) {
  ScenarioOptions options;
  options.events = events;
  return options;
}

ScenarioOptions PerfectlyCalm(std::int64_t events) {
  ScenarioOptions options = Calm(events);
  options.imperfections = Imperfections::None();
  return options;
}

std::string Text(const GeneratedRecord& record) {
  return record.topic + "|" + std::to_string(record.partition) + "|" + record.key + "|" +
         record.payload + "|" + std::to_string(Micros(record.timestamp)) + "\n";
}

std::string FirstRecords(const ScenarioOptions& options, int count) {
  Generator generator(options);
  std::string text;
  GeneratedRecord record;
  for (int i = 0; i < count && generator.Next(record); ++i) text += Text(record);
  return text;
}

TEST(Generator, MakesTheSameBytesFromTheSameSeedOnEveryMachine) {
  const std::string text = FirstRecords(Calm(100'000), 10'000);
  EXPECT_EQ(text, FirstRecords(Calm(100'000), 10'000));
  EXPECT_EQ(Fnv1a64(text), 16914800704491321089u)
      << "the stream has changed: streams kept by users no longer match";
}

TEST(Generator, MakesOtherRecordsFromAnotherSeed) {
  ScenarioOptions other = Calm(1000);
  other.seed = 2;
  EXPECT_NE(FirstRecords(Calm(1000), 100), FirstRecords(other, 100));
}

TEST(Generator, CountsScoredEventsOnly) {
  for (const std::int64_t events : {0, 1, 3, 4999}) {
    const auto records = Generate(PerfectlyCalm(events));
    EXPECT_EQ(std::ranges::count_if(records, IsScored), events);
  }
}

TEST(Generator, GoesOnWithoutEndUnlessBounded) {
  Generator generator{ScenarioOptions{}};
  GeneratedRecord record;
  for (int i = 0; i < 50'000; ++i) ASSERT_TRUE(generator.Next(record));
  EXPECT_TRUE(generator.NextTimestamp().has_value());
}

TEST(Generator, YieldsRecordsInTheOrderOfTheirProduction) {
  Generator generator(Calm(20'000));
  EventTime last = kBeginningOfTime;
  GeneratedRecord record;
  while (const std::optional<EventTime> next = generator.NextTimestamp()) {
    ASSERT_TRUE(generator.Next(record));
    EXPECT_EQ(record.timestamp, *next);
    EXPECT_GE(record.timestamp, last);
    last = record.timestamp;
  }
  EXPECT_FALSE(generator.Next(record));
}

TEST(Generator, StampsRecordsInWholeMillisecondsNotBeforeTheirEvents) {
  for (const GeneratedRecord& record : Generate(Calm(20'000))) {
    EXPECT_EQ(Micros(record.timestamp) % 1000, 0);
    if (!Field(record.payload, "kind")) continue;
    EXPECT_GE(record.timestamp, TimeOf(record.payload));
  }
}

TEST(Generator, KeepsTheRateInEventTime) {
  ScenarioOptions options = PerfectlyCalm(40'500);
  options.rate = 1000;
  EventTime last = options.start;
  for (const GeneratedRecord& record : Generate(options)) {
    if (!IsScored(record)) continue;
    EXPECT_GE(TimeOf(record.payload), options.start);
    last = std::max(last, TimeOf(record.payload));
  }
  EXPECT_NEAR(static_cast<double>((last - options.start).count()), 40.5e6, 3e6);
}

TEST(Generator, SendsAllOfARequestToOnePartitionOfEachTopic) {
  std::map<std::pair<std::string, std::string>, std::set<int>> partitions;
  std::set<int> seen;
  for (const GeneratedRecord& record : Generate(Calm(20'000))) {
    if (!record.key.empty()) partitions[{record.topic, record.key}].insert(record.partition);
    seen.insert(record.partition);
  }
  for (const auto& [request, places] : partitions) EXPECT_EQ(places.size(), 1u);
  EXPECT_THAT(seen, testing::ElementsAre(0, 1, 2, 3));
}

TEST(Generator, SendsEveryGuardrailOfTheFleet) {
  std::map<std::string, int> units;
  std::set<std::string> cohorts;
  for (const GeneratedRecord& record : Generate(PerfectlyCalm(20'000))) {
    if (!IsScored(record)) continue;
    ++units[Unit(record.payload)];
    cohorts.insert(*Field(record.payload, "lang"));
    cohorts.insert(*Field(record.payload, "tier"));
  }
  EXPECT_NEAR(units["prompt-injection/jailbreak"], 4938, 20);
  EXPECT_NEAR(units["toxicity/hate"], 4938, 20);
  EXPECT_NEAR(units["toxicity/threat"], 4938, 20);
  EXPECT_NEAR(units["pii"], 4938, 20);
  EXPECT_NEAR(units["topic-router"], 250, 60);
  EXPECT_THAT(cohorts,
              testing::ElementsAre("de", "en", "enterprise", "es", "fr", "free", "ja", "paid"));
}

TEST(Generator, DecidesAsTheThresholdSays) {
  std::map<std::string, std::string> pii_scores;
  int decisions = 0;
  for (const GeneratedRecord& record : Generate(PerfectlyCalm(40'000))) {
    const std::string& payload = record.payload;
    if (Has(payload, R"("kind":"combined")")) {
      EXPECT_EQ(IsFlagged(payload), Number(payload, "score") >= Number(payload, "threshold"));
    } else if (Has(payload, R"("kind":"decision")")) {
      ++decisions;
      EXPECT_EQ(Unit(payload), "pii");
    }
  }
  EXPECT_NEAR(decisions, 9880, 20);
}

TEST(Generator, SharesOutTheWholeProbabilityAmongClasses) {
  int vectors = 0;
  for (const GeneratedRecord& record : Generate(PerfectlyCalm(20'000))) {
    if (!Has(record.payload, "class_scores")) continue;
    ++vectors;
    double sum = 0;
    for (const std::string_view name : kTopics) sum += Number(record.payload, name);
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  EXPECT_GT(vectors, 100);
}

// A score as often right as it says, in every tenth of the scale: chi-square with 10 degrees of
// freedom stays below its 99.99 % quantile.
TEST(Generator, IsCalibratedWhenCalm) {
  struct Bin {
    double expected = 0, variance = 0, positive = 0;
  };
  std::map<std::string, std::array<Bin, 10>> units;
  std::map<std::pair<std::string, std::string>, double> scores;
  ScenarioOptions options = PerfectlyCalm(60'000);
  options.reviewed_suspects = 1;
  options.reviewed_rest = 1;
  for (const GeneratedRecord& record : Generate(options)) {
    const std::string unit = Unit(record.payload);
    if (unit == "topic-router") continue;
    if (IsScored(record)) {
      scores[{unit, record.key}] = Number(record.payload, "score");
    } else if (IsLabel(record)) {
      const double p = scores.at({unit, record.key});
      Bin& bin = units[unit][static_cast<std::size_t>(std::min(9.0, p * 10))];
      bin.expected += p;
      bin.variance += p * (1 - p);
      bin.positive += IsPositive(record.payload);
    }
  }
  ASSERT_EQ(units.size(), 4u);
  for (const auto& [unit, bins] : units) {
    double chi_square = 0;
    for (const Bin& bin : bins) {
      ASSERT_GT(bin.variance, 2) << unit;
      chi_square += (bin.positive - bin.expected) * (bin.positive - bin.expected) / bin.variance;
    }
    EXPECT_LT(chi_square, 35.6) << unit;
  }
}

TEST(Generator, ReviewsSuspectsMoreOftenAndSaysSo) {
  std::map<std::string, double> scores;
  std::map<bool, double> suspects, reviewed;
  for (const GeneratedRecord& record : Generate(PerfectlyCalm(60'000))) {
    if (Unit(record.payload) != "prompt-injection/jailbreak") continue;
    if (IsScored(record)) {
      scores[record.key] = Number(record.payload, "score");
      ++suspects[scores[record.key] >= 0.7];
    } else {
      const bool suspect = scores.at(record.key) >= 0.7;
      ++reviewed[suspect];
      EXPECT_EQ(Number(record.payload, "sample_prob"), suspect ? 0.5 : 0.05);
    }
  }
  EXPECT_NEAR(reviewed[true] / suspects[true], 0.5, 0.06);
  EXPECT_NEAR(reviewed[false] / suspects[false], 0.05, 0.01);
}

TEST(Generator, LabelsWithAMedianDelayAndALimit) {
  std::map<std::pair<std::string, std::string>, EventTime> scored;
  std::vector<Duration> delays;
  ScenarioOptions options = PerfectlyCalm(20'000);
  options.reviewed_rest = 0.5;
  for (const GeneratedRecord& record : Generate(options)) {
    const std::pair key(Unit(record.payload), record.key);
    const EventTime time = TimeOf(record.payload);
    if (IsScored(record)) scored[key] = time;
    if (IsLabel(record)) delays.push_back(time - scored.at(key));
  }
  std::ranges::sort(delays);
  EXPECT_NEAR(double(delays[delays.size() / 2].count()), 30 * 60e6, 60e6 * 1.5);
  EXPECT_LE(delays.back(), 22 * options.label_delay);
  EXPECT_GT(delays.back(), hours(2));
}

TEST(Generator, NeverHoldsARecordUpLongerThanItSays) {
  ScenarioOptions options = Calm(20'000);
  options.imperfections.late = 0.05;
  options.imperfections.retractions = 0.1;
  const EventTime bound = options.start + StreamLength(options) + LongestDelay(options);
  for (const GeneratedRecord& record : Generate(options)) EXPECT_LE(record.timestamp, bound);
}

struct Order {
  int records = 0;
  int behind = 0;  // Not the newest of its log, by more than two transits.
  int late = 0;    // In a pane that its log's watermark has passed.
};

Order OrderOf(const std::vector<GeneratedRecord>& records, Duration lateness) {
  Order order;
  std::map<int, EventTime> newest;
  for (const GeneratedRecord& record : records) {
    if (IsLabel(record) || !Field(record.payload, "kind")) continue;
    const EventTime time = TimeOf(record.payload);
    const auto [log, first] = newest.try_emplace(record.partition, time);
    const std::int64_t pane_end = (FloorDivide(Micros(time), 10'000'000) + 1) * 10'000'000;
    ++order.records;
    order.behind += time + milliseconds(2600) < log->second;
    order.late += EventTimeFromMicros(pane_end) <= log->second - lateness;
    log->second = std::max(log->second, time);
  }
  return order;
}

TEST(Generator, HoldsUpAShareOfRecordsWithinTheAllowedLateness) {
  ScenarioOptions options = PerfectlyCalm(50'000);
  EXPECT_EQ(OrderOf(Generate(options), options.allowed_lateness).behind, 0);
  options.imperfections.out_of_order = 0.1;
  const Order order = OrderOf(Generate(options), options.allowed_lateness);
  EXPECT_NEAR(double(order.behind) / order.records, 0.1, 0.01);
  EXPECT_EQ(order.late, 0);
}

TEST(Generator, HoldsUpAShareOfRecordsBeyondIt) {
  ScenarioOptions options = PerfectlyCalm(50'000);
  options.imperfections.late = 0.02;
  const Order order = OrderOf(Generate(options), options.allowed_lateness);
  EXPECT_NEAR(double(order.late) / order.records, 0.02, 0.003);
}

TEST(Generator, RepeatsAShareOfRecordsByteForByte) {
  ScenarioOptions options = PerfectlyCalm(50'000);
  options.imperfections.duplicates = 0.05;
  std::map<std::string, int> copies;
  const auto records = Generate(options);
  for (const GeneratedRecord& record : records) ++copies[record.payload];
  const double repeated = double(records.size() - copies.size());
  EXPECT_NEAR(repeated / double(copies.size()), 0.05, 0.005);
}

TEST(Generator, CorrectsAndRetractsSharesOfLabels) {
  ScenarioOptions options = PerfectlyCalm(30'000);
  options.reviewed_rest = 0.5;
  options.imperfections.corrections = 0.1;
  options.imperfections.retractions = 0.05;
  double labels = 0, corrections = 0, retractions = 0;
  std::map<std::pair<std::string, std::string>, std::string> first;
  for (const GeneratedRecord& record : Generate(options)) {
    if (!IsLabel(record)) continue;
    const std::string label = *Field(record.payload, "label");
    const std::pair key(Unit(record.payload), record.key);
    if (!Field(record.payload, "label_revision")) {
      ++labels;
      first[key] = label;
    } else if (label == "null") {
      ++retractions;
    } else {
      ++corrections;
      if (first.contains(key)) {
        EXPECT_NE(first[key], label);
      }
    }
  }
  EXPECT_NEAR(corrections / labels, 0.1, 0.015);
  EXPECT_NEAR(retractions / labels, 0.05, 0.01);
}

TEST(Generator, AddsRecordsThatNobodyCanRead) {
  ScenarioOptions options = PerfectlyCalm(40'500);
  options.imperfections.malformed = 0.1;
  int extra = 0, empty = 0;
  for (const GeneratedRecord& record : Generate(options)) {
    extra += !Field(record.payload, "kind");
    empty += record.payload.empty();
    EXPECT_FALSE(Has(record.payload, "\n"));
  }
  EXPECT_NEAR(extra, 1000, 100);
  EXPECT_NEAR(empty, 125, 40);
}

TEST(Generator, LeavesOutIdsAndReportsErrorsInTheirShares) {
  ScenarioOptions options = PerfectlyCalm(50'000);
  options.imperfections.missing_ids = 0.1;
  options.imperfections.errors = 0.05;
  int scored = 0, nameless = 0, errors = 0, errors_without_score = 0;
  for (const GeneratedRecord& record : Generate(options)) {
    const bool has_id = Field(record.payload, "request_id").has_value();
    EXPECT_EQ(has_id, !record.key.empty());
    scored += IsScored(record);
    nameless += !has_id;
    errors += Has(record.payload, R"("verdict":"error")");
    errors_without_score += Has(record.payload, R"("verdict":"error")") && !IsScored(record);
    EXPECT_TRUE(has_id || IsScored(record));
  }
  EXPECT_NEAR(double(nameless) / scored, 0.1, 0.01);
  EXPECT_NEAR(double(errors) / scored, 0.05, 0.005);
  EXPECT_NEAR(double(errors_without_score) / errors, 0.62, 0.05);
}

TEST(Generator, LosesAShareOfDecisions) {
  ScenarioOptions options = PerfectlyCalm(50'000);
  options.imperfections.lost_decisions = 0.1;
  double scores = 0, decisions = 0;
  for (const GeneratedRecord& record : Generate(options)) {
    if (Unit(record.payload) != "pii") continue;
    scores += IsScored(record);
    decisions += Has(record.payload, R"("kind":"decision")");
  }
  EXPECT_NEAR(1 - decisions / scores, 0.1, 0.01);
}

}  // namespace
}  // namespace guardwatch
