#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "reference/fixture.h"
#include "window/statistics_reference.h"

namespace guardwatch::reference {
namespace {

constexpr int kGrid = score_grid::kFine;

// A window with the scores q and x, the former labelled y, flagged from 1/2.
Aggregate Window(const Case& line, const std::string& q, const std::string& y,
                 const std::string& x) {
  Aggregate a;
  const auto add = [&](Score score) {
    const bool flagged = Flags(Threshold::FromClipped(0.5), score);
    a.scored += 1;
    a.decided += 1;
    a.flagged += flagged ? 1 : 0;
    a.histogram.AddScore(score_grid::BinOf(score, kGrid));
  };
  const std::vector<std::int64_t> labelled = line.Integers(q);
  const std::vector<std::int64_t> positive = line.Integers(y);
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    const Score score{static_cast<std::uint32_t>(labelled[i])};
    add(score);
    a.labeled += 1;
    a.positive += positive[i];
    a.reliability.Add(score, positive[i] == 1);
    a.histogram.AddLabel(score, kGrid, positive[i] == 1);
  }
  for (const std::int64_t other : line.Integers(x)) add(Score{static_cast<std::uint32_t>(other)});
  return a;
}

TEST(HeldAgainstReferenceTest, EveryStatisticHasTwoHundredCases) {
  std::map<std::string_view, int> values;
  const std::vector<Case> cases = Read("held_against.csv");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("held_against.csv line " + std::to_string(i + 1));
    const Case& expected = cases[i];
    const std::vector<StatisticValue> got =
        AgainstReference(Window(expected, "lq", "ly", "lx"), Window(expected, "rq", "ry", "rx"));
    for (std::size_t k = 0; k < got.size(); ++k) {
      const ReferenceStatistic& statistic = ReferenceStatistics()[k];
      const std::string name(statistic.name);
      ExpectSame(expected, name, got[k].value);
      values[statistic.name] += got[k].value ? 1 : 0;
      if (!statistic.distance) continue;
      ExpectSame(expected, name + ".floor", got[k].noise_floor);
      if (!name.starts_with("wasserstein")) ExpectSame(expected, name + ".p", got[k].p);
      EXPECT_EQ(got[k].debiased.has_value(), got[k].value.has_value()) << name;
    }
  }
  for (const ReferenceStatistic& statistic : ReferenceStatistics()) {
    EXPECT_GE(values[statistic.name], 60) << statistic.name;  // The others are rightly absent.
  }
}

}  // namespace
}  // namespace guardwatch::reference
