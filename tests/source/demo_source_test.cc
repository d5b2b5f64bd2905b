#include "source/demo_source.h"

#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generated.h"

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr WallTime kStarted{hours(24 * 365 * 56)};

// A machine whose time passes only while something sleeps on it.
struct FakeMachine {
  WallTime now = kStarted;
  int sleeps = 0;

  DemoMachine Get() {
    return {[this] { return now; },
            [this](Duration duration) {
              now += duration;
              ++sleeps;
            }};
  }
};

std::unique_ptr<DemoSource> Demo(const DemoOptions& options, FakeMachine& machine,
                                 const std::vector<LogName>& logs) {
  auto source = DemoSource::Create(options, kStarted, machine.Get());
  EXPECT_TRUE(source.has_value()) << source.error().message;
  std::vector<LogAssignment> assignments;
  assignments.reserve(logs.size());
  for (const LogName& log : logs) assignments.push_back({log, LogAssignment::kStartFromConfig});
  EXPECT_TRUE((*source)->Assign(assignments).has_value());
  return std::move(*source);
}

EventTime OnWall(WallTime time) { return EventTimeFromMicros(Micros(time)); }

// Calls `visit` with each record until the machine's wall clock is `until`.
template <class Visitor>
void Play(DemoSource& source, FakeMachine& machine, WallTime until, Visitor visit) {
  while (machine.now < until) {
    for (const Record& record : source.Poll(milliseconds(100))) visit(record);
  }
}

TEST(DemoClock, EndsAtTheWallClockAndStaysWithIt) {
  const DemoOptions options;
  EXPECT_EQ(OnWall(kStarted) - DemoStart(options, kStarted), minutes(600 - 10 + 90));
  EXPECT_EQ(DemoNow(options, kStarted, kStarted) - DemoStart(options, kStarted), options.warm_up);
  EXPECT_EQ(DemoNow(options, kStarted, kStarted + seconds(30)) - DemoStart(options, kStarted),
            options.warm_up + minutes(30));
  for (const Duration elapsed : {minutes(10), minutes(11), minutes(1000)}) {
    EXPECT_EQ(DemoNow(options, kStarted, kStarted + elapsed), OnWall(kStarted + elapsed));
  }
  EXPECT_EQ(DemoNow(options, kStarted, kStarted - seconds(1)),
            std::min(DemoNow(options, kStarted, kStarted), OnWall(kStarted - seconds(1))));
}

TEST(DemoSource, GivesTheWarmUpAtOnceAndThenKeepsPace) {
  FakeMachine machine;
  DemoOptions options;
  options.warm_up = minutes(10);
  auto source = Demo(options, machine, DemoLogs(options));
  int history = 0;
  while (machine.sleeps == 0) history += static_cast<int>(source->Poll(milliseconds(100)).size());
  EXPECT_NEAR(history, 10 * 60 * 40 * 1.4, 10 * 60 * 40 * 0.2);
  int paced = 0;
  Play(*source, machine, kStarted + seconds(10), [&](const Record&) { ++paced; });
  EXPECT_NEAR(paced, history, history * 0.1);
  EXPECT_LE(machine.sleeps, 10 * 100) << "it must not wake up for every record";
}

TEST(DemoSource, IsNeverAheadOfTheWallClock) {
  FakeMachine machine;
  DemoOptions options;
  options.compressed_for = seconds(15);
  options.warm_up = minutes(5);
  auto source = Demo(options, machine, DemoLogs(options));
  EventTime newest = kBeginningOfTime;
  Play(*source, machine, kStarted + seconds(40), [&](const Record& record) {
    ASSERT_LE(*record.timestamp, OnWall(machine.now));
    newest = std::max(newest, *record.timestamp);
    const std::string payload(record.payload);
    if (!Field(payload, "kind")) return;
    ASSERT_LE(TimeOf(payload), *record.timestamp);
  });
  EXPECT_GT(newest, OnWall(machine.now) - seconds(1));
}

TEST(DemoSource, WaitsNoLongerThanTold) {
  FakeMachine machine;
  DemoOptions options;
  options.warm_up = Duration(0);
  options.rate = 0.01;
  auto source = Demo(options, machine, DemoLogs(options));
  const WallTime before = machine.now;
  (void)source->Poll(milliseconds(100));
  EXPECT_LE(machine.now - before, milliseconds(100));
}

// What an alert rule `fail_rate above 0.25 for 2m` over 5 minutes sees of one cohort of
// prompt-injection: one sample per 10 s pane, in event time.
class CohortWatch {
 public:
  void Add(EventTime time, bool flagged) {
    Pane& pane = panes_[FloorDivide(Micros(time), 10'000'000)];
    pane.scored += 1;
    pane.flagged += flagged;
  }

  // When the rule first fires, leaving out the panes that are not sealed yet.
  std::optional<EventTime> FiresAt() const {
    if (panes_.empty()) return std::nullopt;
    constexpr std::int64_t kWindow = 30, kHold = 12, kUnsealed = 7;
    std::int64_t above = 0;
    for (std::int64_t end = panes_.begin()->first + kWindow;
         end <= panes_.rbegin()->first - kUnsealed; ++end) {
      Pane sum;
      for (auto pane = panes_.lower_bound(end - kWindow); pane != panes_.lower_bound(end); ++pane) {
        sum.scored += pane->second.scored;
        sum.flagged += pane->second.flagged;
      }
      above = sum.scored >= 100 && sum.flagged / sum.scored > 0.25 ? above + 1 : 0;
      if (above > kHold) return EventTimeFromMicros(end * 10'000'000);
    }
    return std::nullopt;
  }

 private:
  struct Pane {
    double scored = 0, flagged = 0;
  };
  std::map<std::int64_t, Pane> panes_;
};

TEST(DemoSource, TellsTheStoryOfTheDefaultDemo) {
  FakeMachine machine;
  DemoOptions options;
  options.warm_up = minutes(10);
  auto source = Demo(options, machine, DemoLogs(options));
  std::map<std::string, CohortWatch> cohorts;
  const auto watch = [&](const Record& record) {
    const std::string payload(record.payload);
    if (!Has(payload, R"("kind":"combined")") || !Has(payload, "prompt-injection")) return;
    cohorts[*Field(payload, "lang")].Add(TimeOf(payload), IsFlagged(payload));
  };
  Play(*source, machine, kStarted + seconds(30), watch);
  for (const auto& [language, cohort] : cohorts) EXPECT_FALSE(cohort.FiresAt()) << language;

  Play(*source, machine, kStarted + seconds(90), watch);
  ASSERT_EQ(cohorts.size(), 5u);
  for (const auto& [language, cohort] : cohorts) {
    EXPECT_EQ(cohort.FiresAt().has_value(), language == "de") << language;
  }
  const EventTime change = DemoNow(options, kStarted, kStarted + seconds(30));
  EXPECT_GT(*cohorts["de"].FiresAt(), change);
  EXPECT_LT(*cohorts["de"].FiresAt(), change + minutes(10));
}

TEST(DemoSource, RecoversWhenAsked) {
  FakeMachine machine;
  DemoOptions options;
  options.warm_up = minutes(1);
  options.change_after = seconds(5);
  options.recover_after = seconds(15);
  auto source = Demo(options, machine, DemoLogs(options));
  double scored = 0, flagged = 0;
  const EventTime recovery = DemoNow(options, kStarted, kStarted + seconds(15));
  Play(*source, machine, kStarted + seconds(35), [&](const Record& record) {
    const std::string payload(record.payload);
    if (!Has(payload, R"("kind":"combined")") || !Has(payload, "prompt-injection") ||
        !Has(payload, R"("lang":"de")") || TimeOf(payload) < recovery) {
      return;
    }
    scored += 1;
    flagged += IsFlagged(payload);
  });
  EXPECT_GT(scored, 1500);
  EXPECT_LT(flagged / scored, 0.08);
}

TEST(DemoSource, DeliversItsOwnLogsOfAStreamThatAllReadersShare) {
  DemoOptions options;
  options.warm_up = minutes(5);
  const std::vector<LogName> logs = DemoLogs(options);
  using Contents = std::map<LogName, std::vector<std::string>>;
  const auto read = [&](const std::vector<LogName>& assigned) {
    FakeMachine machine;
    auto source = Demo(options, machine, assigned);
    Contents contents;
    Play(*source, machine, kStarted + seconds(5), [&](const Record& record) {
      std::vector<std::string>& log = contents[assigned.at(record.log)];
      EXPECT_EQ(record.offset, static_cast<std::int64_t>(log.size()));
      log.push_back(std::string(record.payload));
    });
    return contents;
  };
  const Contents all = read(logs);
  EXPECT_EQ(all.size(), 3u);
  for (const LogName& log : logs) {
    const Contents one = read({log});
    ASSERT_EQ(one.size(), 1u);
    const std::size_t both = std::min(one.at(log).size(), all.at(log).size());
    EXPECT_GT(both, 100u);
    EXPECT_TRUE(std::equal(one.at(log).begin(), one.at(log).begin() + std::ptrdiff_t(both),
                           all.at(log).begin()));
  }
}

TEST(DemoSource, StartsAtTheAssignedOffset) {
  FakeMachine machine;
  const DemoOptions options;
  auto source = DemoSource::Create(options, kStarted, machine.Get());
  ASSERT_TRUE((*source)->Assign({{DemoLogs(options)[1], 500}}).has_value());
  EXPECT_EQ((*source)->Status()[0].next_offset, 500);
  const auto records = (*source)->Poll(milliseconds(0));
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front().offset, 500);
  EXPECT_EQ((*source)->Status()[0].next_offset, records.back().offset + 1);
}

TEST(DemoSource, IsAtItsEndWhenItHasCaughtUp) {
  FakeMachine machine;
  DemoOptions options;
  options.warm_up = minutes(1);
  auto source = Demo(options, machine, DemoLogs(options));
  EXPECT_LT(source->Status()[0].next_offset, source->Status()[0].end_offset);
  while (machine.sleeps == 0) (void)source->Poll(milliseconds(10));
  machine.now += seconds(1);
  EXPECT_FALSE(source->Poll(milliseconds(0)).empty());
  while (source->Status()[0].next_offset < source->Status()[0].end_offset) {
    EXPECT_FALSE(source->Poll(milliseconds(0)).empty());
  }
  machine.now += seconds(1);  // What has come since is for the next Poll to find.
  for (const LogStatus& status : source->Status()) {
    EXPECT_EQ(status.next_offset, status.end_offset);
    EXPECT_TRUE(status.readable);
    EXPECT_FALSE(status.finished);
  }
}

TEST(DemoSource, RefusesUnknownScenariosLogsAndOptions) {
  FakeMachine machine;
  const auto message = [&](const std::function<void(DemoOptions&)>& spoil) {
    DemoOptions options;
    spoil(options);
    const auto source = DemoSource::Create(options, kStarted, machine.Get());
    return source ? std::string() : source.error().message;
  };
  EXPECT_THAT(message([](DemoOptions& o) { o.scenario = "chaos"; }), HasSubstr("'chaos'"));
  EXPECT_THAT(message([](DemoOptions& o) { o.speed = 0.5; }), HasSubstr("speed"));
  EXPECT_THAT(message([](DemoOptions& o) { o.rate = -1; }), HasSubstr("rate"));
  EXPECT_THAT(message([](DemoOptions& o) { o.partitions = 0; }), HasSubstr("partitions"));
  EXPECT_THAT(message([](DemoOptions& o) { o.warm_up = minutes(-1); }), HasSubstr("warm_up"));

  auto source = Demo(DemoOptions{}, machine, {{"guardrail.labels", 0}});
  EXPECT_THAT(source->Assign({{{"guardrail.labels", 1}, 0}}).error().message, HasSubstr("no log"));
  EXPECT_THAT(source->Assign({{{"guardrail.labels", 0}, 0}}).error().message, HasSubstr("already"));
  EXPECT_EQ(source->Status().size(), 1u);
}

}  // namespace
}  // namespace guardwatch
