#include "expose/answer_cache.h"

#include <gtest/gtest.h>

#include "example.h"

namespace guardwatch {
namespace {

class AnswerCacheTest : public testing::Test {
 protected:
  // What is answered about the windows that match, and counts how often it had to be made.
  std::string Ask(const std::string& question, const Snapshot& snapshot,
                  const WindowQuery& query = {}) {
    return cache_.Answer(question, snapshot, SelectWindows(snapshot, query),
                         [&] { return question + std::to_string(++made_); });
  }

  // As after a pane of the first series was sealed; the others are shared.
  static Snapshot WithNewFirstSeries(const Snapshot& snapshot) {
    Snapshot next = snapshot;
    next.series[0] = std::make_shared<SeriesView>(*snapshot.series[0]);
    return next;
  }

  AnswerCache cache_;
  int made_ = 0;
};

TEST_F(AnswerCacheTest, MakesAnAnswerOnceForAllWhoAskTheSame) {
  const Snapshot snapshot = ExampleSnapshot();
  EXPECT_EQ(Ask("a", snapshot), "a1");
  EXPECT_EQ(Ask("a", snapshot), "a1");
  EXPECT_EQ(Ask("a", Snapshot(snapshot)), "a1") << "the next snapshot has the same windows";
  EXPECT_EQ(Ask("b", snapshot), "b2");
}

TEST_F(AnswerCacheTest, MakesItAnewWhenAPaneOfItsWindowsWasSealed) {
  const Snapshot snapshot = ExampleSnapshot();
  const Snapshot next = WithNewFirstSeries(snapshot);
  EXPECT_EQ(Ask("a", snapshot), "a1");
  EXPECT_EQ(Ask("a", next), "a2");
  EXPECT_EQ(Ask("a", next), "a2");
}

TEST_F(AnswerCacheTest, KeepsItWhenAPaneOfOtherWindowsWasSealed) {
  const Snapshot snapshot = ExampleSnapshot();
  const Snapshot next = WithNewFirstSeries(snapshot);
  WindowQuery others;
  others.series.model_version = snapshot.series.back()->key.model_version;
  ASSERT_NE(snapshot.series.front()->key.model_version, others.series.model_version);
  EXPECT_EQ(Ask("a", snapshot, others), "a1");
  EXPECT_EQ(Ask("a", next, others), "a1");
}

TEST_F(AnswerCacheTest, LetsGoOfThePastWithTheAnswer) {
  std::weak_ptr<const SeriesView> past;
  {
    const Snapshot snapshot = ExampleSnapshot();
    past = snapshot.series[0];
    Ask("a", snapshot);
  }
  EXPECT_FALSE(past.expired()) << "its address would be another's";
  Ask("a", ExampleSnapshot());
  EXPECT_TRUE(past.expired());
}

TEST_F(AnswerCacheTest, LetsGoOfThePastThatNobodyAsksForAnyMore) {
  std::weak_ptr<const SeriesView> past;
  Snapshot later = ExampleSnapshot();
  {
    const Snapshot snapshot = ExampleSnapshot();
    past = snapshot.series[0];
    Ask("a", snapshot);
    later.at = snapshot.at + AnswerCache::kKept;
  }
  Ask("b", later);
  EXPECT_FALSE(past.expired());
  later.at += std::chrono::seconds(1);
  Ask("c", later);
  EXPECT_TRUE(past.expired());
}

TEST_F(AnswerCacheTest, ForgetsTheOldestWhenAnswersTakeTooMuchMemory) {
  const Snapshot snapshot = ExampleSnapshot();
  const auto ask = [&](const std::string& question) {
    cache_.Answer(question, snapshot, SelectWindows(snapshot, {}), [&] {
      ++made_;
      return std::string(AnswerCache::kMostBytes / 2, 'x');
    });
  };
  ask("a");
  ask("b");
  ask("a");
  EXPECT_EQ(made_, 2);
  ask("c");
  ask("a");
  EXPECT_EQ(made_, 3) << "asked for last";
  ask("b");
  EXPECT_EQ(made_, 4);
}

}  // namespace
}  // namespace guardwatch
