#include "monitor/pane_store.h"

#include <cstdint>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr unsigned kSeed = 20268;

using Model = std::map<PaneIndex, Aggregate>;

Aggregate Change(std::mt19937& random, int events) {
  Aggregate change;
  for (int i = 0; i < events; ++i) {
    const Score score{static_cast<std::uint32_t>(random() % kScoreOne)};
    change.scored += 1;
    change.score_q += score.q;
    change.histogram.AddScore(score_grid::BinOf(score, score_grid::kFine));
    if (random() % 4 == 0) {
      change.labeled += 1;
      change.reliability.Add(score, true);
      change.histogram.AddLabel(score, score_grid::kFine, true);
    }
  }
  return change;
}

void ExpectSame(const PaneStore& store, const Model& model, PaneIndex first, PaneIndex end) {
  auto expected = model.lower_bound(first);
  store.ForEach(first, end, [&](PaneIndex pane, const Aggregate& total) {
    ASSERT_NE(expected, model.end());
    EXPECT_EQ(pane, expected->first);
    EXPECT_EQ(total, expected->second) << "pane " << pane;
    ++expected;
  });
  EXPECT_EQ(expected, model.lower_bound(end));
}

TEST(PaneStoreTest, HoldsWhatWasAddedWhetherPanesAreSealedOrNot) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  PaneStore store;
  Model model;
  for (int step = 0; step < 2'000; ++step) {
    const PaneIndex pane = static_cast<PaneIndex>(random() % 40) - 20;
    switch (random() % 8) {
      case 0:
        store.Seal(pane);
        break;
      case 1: {
        // As a pane of a checkpoint: large ones too.
        const Aggregate total = Change(random, random() % 2 == 0 ? 3 : 400);
        store.Set(pane, total);
        model[pane] = total;
        break;
      }
      default: {
        const Aggregate change = Change(random, 3);
        EXPECT_EQ(store.Add(pane, change), !model.contains(pane));
        model[pane] += change;
      }
    }
    if (step % 50 != 0) continue;
    ExpectSame(store, model, -20, 20);
    ExpectSame(store, model, -3, 9);
    const PaneIndex floor = static_cast<PaneIndex>(random() % 20) - 20;
    store.ForgetBefore(floor);
    model.erase(model.begin(), model.lower_bound(floor));
    ExpectSame(store, model, -20, 20);
  }
}

TEST(PaneStoreTest, SaysWhichPanesThereAre) {
  std::mt19937 random(kSeed);
  PaneStore store;
  EXPECT_TRUE(store.empty());
  EXPECT_FALSE(store.Last());
  EXPECT_FALSE(store.LastBefore(100));
  store.Add(7, Change(random, 2));
  store.Add(3, Change(random, 2));
  EXPECT_EQ(store.Last(), 7);
  EXPECT_EQ(store.LastBefore(7), 3);
  EXPECT_FALSE(store.LastBefore(3));
  Aggregate room;
  EXPECT_EQ(store.Find(5, room), nullptr);
  ASSERT_NE(store.Find(3, room), nullptr);
  EXPECT_EQ(store.Find(3, room)->scored, 2);
}

}  // namespace
}  // namespace guardwatch
