// What waits in a shard survives as records: after any history of additions, changes and expiries,
// and any number of flushes, what is read back answers every question as the original does.

#include "ingest/pending.h"

#include <random>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "support/event_builder.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr HashSeed kSeed{1, 2};
constexpr std::uint32_t kRequests = 300;
constexpr int kClasses = 5;

RequestKey Request(std::uint32_t number) { return {{number * 2654435761u, number, number + 7}}; }

// Pending entries with the shapes that they refer to; the same ones in each copy.
class Waiting {
 public:
  Waiting() : source_(Source()), shapes_(source_, kSeed), pending(shapes_) {
    for (ClassId id = ClassNames::kFirst; id < kClasses; ++id) {
      shapes_.classes().Resolve("g", std::to_string(id));
    }
    for (const char* category : {"", "hate", "spam"}) {
      for (const bool has_score : {true, false}) {
        auto built = EventBuilder::Scored("r", 0.5).Guardrail("g").Category(category).Model("v1");
        const Event event = built.Build();
        shapes.push_back(&shapes_.Resolve({.event = event,
                                           .category = event.category,
                                           .class_name = std::nullopt,
                                           .log = 0,
                                           .has_score = has_score,
                                           .weight = std::nullopt}));
      }
    }
  }

  static SourceOptions Source() {
    SourceOptions source;
    source.name = "s";
    return source;
  }

  bool Load(const StateMap& records) {
    for (const StateRecord& record : records.Under()) {
      if (!pending.Load(record)) return false;
    }
    pending.Loaded();
    return true;
  }

 private:
  const SourceOptions source_;
  EventShapes shapes_;

 public:
  Pending pending;
  std::vector<EventShape*> shapes;
};

// Everything that is held of a request, in an order of its own.
using ScoreFields =
    std::tuple<ShapeId, EventTime, std::optional<std::uint32_t>, std::optional<double>,
               std::optional<Weight>, bool, bool, std::optional<bool>, std::optional<double>,
               std::optional<EventPlace>, std::optional<LabelKey>, std::optional<bool>, ClassId,
               std::optional<Weight>>;
using DecisionFields = std::tuple<EventTime, std::uint64_t, Variant, EventPlace, EventTime, Verdict,
                                  std::optional<double>, TallyIndex, bool>;
using LabelFields =
    std::tuple<LabelKey, std::optional<std::uint64_t>, LabelValue::Form, ClassId,
               std::optional<std::uint64_t>, std::optional<Weight>, TallyIndex, bool, bool, bool>;
struct Held {
  std::multiset<ScoreFields> scores;
  std::vector<DecisionFields> decisions;
  std::vector<LabelFields> labels;
  friend bool operator==(const Held&, const Held&) = default;
};

Held HeldOf(Pending& pending, const RequestKey& request) {
  Held held;
  pending.ForEachScore(request, [&](const Outcome& s) {
    const std::optional<std::uint32_t> q = s.score ? std::optional(s.score->q) : std::nullopt;
    held.scores.insert({s.shape->id, s.time, q, s.own_threshold, s.own_weight, s.errored, s.waits,
                        s.flagged, s.event_threshold, s.decided_at, s.label_key, s.positive,
                        s.actual, s.label_weight});
    return false;
  });
  pending.ForEachDecision(request, [&](const DecisionEntry& d) {
    held.decisions.push_back({d.time, d.category, d.variant, d.place, d.watermark_before, d.verdict,
                              d.threshold, d.tally, d.matched});
    return false;
  });
  pending.ForEachLabel(request, [&](const LabelEntry& l) {
    held.labels.push_back({l.key, l.category, l.form, l.actual, l.text, l.weight, l.tally, l.counts,
                           l.matched, l.after_horizon});
    return false;
  });
  return held;
}

void ExpectEqual(Waiting& one, Waiting& other) {
  EXPECT_EQ(one.pending.size(), other.pending.size());
  EXPECT_EQ(one.pending.scores(), other.pending.scores());
  for (std::uint32_t i = 0; i < kRequests; ++i) {
    ASSERT_EQ(HeldOf(one.pending, Request(i)) == HeldOf(other.pending, Request(i)), true) << i;
  }
  for (std::size_t i = 0; i < one.shapes.size(); ++i) {
    EXPECT_EQ(one.shapes[i]->waiting, other.shapes[i]->waiting);
  }
}

// A history that comes from a seed.
class History {
 public:
  History(Waiting& waiting, std::uint32_t seed) : waiting_(waiting), random_(seed) {}

  void Step() {
    now_ += Below(2000) * std::chrono::milliseconds(1);
    switch (Below(5)) {
      case 0:
      case 1:
        return AddScore();
      case 2:
        return AddDecision();
      case 3:
        return AddLabel();
      default:
        return Change();
    }
  }

  void Expire() {
    const EventTime reached = now_ - minutes(Below(40));
    waiting_.pending.Expire(
        {reached, reached - minutes(Below(10))}, std::nullopt, [](const DecisionEntry&) {},
        [](const LabelEntry&) {});
  }

  int Below(int n) { return static_cast<int>(random_() % static_cast<std::uint32_t>(n)); }

 private:
  RequestKey ARequest() { return Request(static_cast<std::uint32_t>(Below(kRequests))); }
  EventTime ATime() { return now_ - seconds(Below(600)) - Duration(Below(1'000'000)); }
  ClassId AClass() { return static_cast<ClassId>(Below(kClasses)); }
  EventPlace APlace() { return {static_cast<std::uint64_t>(Below(3)) << 32, offset_++}; }
  template <class T>
  std::optional<T> Maybe(T value) {
    return Below(2) == 0 ? std::optional(value) : std::nullopt;
  }

  void AddScore() {
    Outcome score(*waiting_.shapes[static_cast<std::size_t>(Below(6))], ATime());
    if (score.shape->has_score) score.score = Score{static_cast<std::uint32_t>(Below(1 << 30)) + 1};
    score.own_threshold = score.shape->threshold;
    score.own_weight = score.shape->weight;
    score.waits = Below(3) == 0;
    score.errored = Below(10) == 0;
    if (!score.waits) score.flagged = Below(2) == 0;
    waiting_.pending.Add(ARequest(), score, Below(3) == 0 ? minutes(15) : minutes(30));
  }

  void AddDecision() {
    const DecisionEntry decision{.request = ARequest(),
                                 .time = ATime(),
                                 .category = random_(),
                                 .variant = Below(5) == 0 ? Variant::kCandidate : Variant::kLive,
                                 .place = APlace(),
                                 .watermark_before = ATime(),
                                 .verdict = Verdict::kBlock,
                                 .threshold = Maybe(0.25),
                                 .tally = static_cast<TallyIndex>(Below(9)),
                                 .matched = false};
    waiting_.pending.Add(decision, decision.time + minutes(10));
  }

  void AddLabel() {
    LabelEntry label;
    label.request = ARequest();
    label.key = {Below(3), ATime(), APlace()};
    label.category = Maybe(std::uint64_t{random_()});
    label.form = LabelValue::Form::kPositive;
    label.actual = AClass();
    label.text = Maybe(std::uint64_t{random_()});
    label.weight = Maybe(Weight{1 << 26});
    label.counts = Below(2) == 0;
    waiting_.pending.Add(label, label.key.time + minutes(10));
  }

  // Every part that can change, in both directions.
  void Change() {
    const RequestKey request = ARequest();
    waiting_.pending.ForEachScore(request, [&](Outcome& score) {
      if (Below(2) == 0) return false;
      score.flagged = Maybe(Below(2) == 0);
      score.event_threshold = Maybe(0.75);
      score.decided_at = Maybe(APlace());
      score.label_key = Maybe(LabelKey{Below(5), now_, APlace()});
      score.positive = Maybe(Below(2) == 0);
      score.actual = AClass();
      score.label_weight = Maybe(Weight{1 << 24});
      return true;
    });
    waiting_.pending.ForEachDecision(request, [&](DecisionEntry& d) { return d.matched = true; });
    waiting_.pending.ForEachLabel(request, [&](LabelEntry& label) {
      label.after_horizon = !label.after_horizon;
      return true;
    });
  }

  Waiting& waiting_;
  std::mt19937 random_;
  EventTime now_ = kNoon;
  std::int64_t offset_ = 0;
};

TEST(PendingStateTest, WhatIsReadBackAnswersAsTheOriginalAfterAnyHistory) {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Waiting waiting;
    History history(waiting, seed);
    StateMap store;
    for (int flush = 0; flush < 20; ++flush) {
      for (int i = 0; i < 250; ++i) history.Step();
      if (history.Below(2) == 0) history.Expire();
      StateChanges changes;
      waiting.pending.TakeChanges(changes);
      store.Commit(changes);
      Waiting restored;
      ASSERT_TRUE(restored.Load(store));
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(waiting, restored));
    }
  }
}

TEST(PendingStateTest, WhatWasReadBackGoesOnAsTheOriginal) {
  Waiting waiting;
  History history(waiting, 4711);
  StateMap store;
  for (int i = 0; i < 3000; ++i) history.Step();
  StateChanges changes;
  waiting.pending.TakeChanges(changes);
  store.Commit(changes);
  Waiting restored;
  ASSERT_TRUE(restored.Load(store));

  History later(restored, 4712);
  for (int flush = 0; flush < 5; ++flush) {
    for (int i = 0; i < 500; ++i) later.Step();
    later.Expire();
    StateChanges more;
    restored.pending.TakeChanges(more);
    store.Commit(more);
  }

  Waiting again;
  ASSERT_TRUE(again.Load(store));
  ExpectEqual(restored, again);
}

TEST(PendingStateTest, ASegmentThatIsBeingForgottenBitByBitIsGoneFromTheState) {
  constexpr std::uint32_t kMany = 300'000;  // More than one call forgets.
  Waiting waiting;
  Outcome score(*waiting.shapes[0], kNoon);
  score.score = Score{1};
  score.label_key = LabelKey{};
  score.positive = true;
  for (std::uint32_t i = 0; i < kMany; ++i) waiting.pending.Add(Request(i), score, minutes(15));

  const EventTime later = kNoon + minutes(30);
  waiting.pending.Expire(
      {later, later}, std::nullopt, [](const DecisionEntry&) {}, [](const LabelEntry&) {});
  ASSERT_GT(waiting.pending.size(), 0);
  StateChanges changes;
  waiting.pending.TakeChanges(changes);

  for (const auto& change : changes) {
    EXPECT_EQ(change.kind, StateChanges::Kind::kErasePrefix) << change.key;
  }
  while (waiting.pending.size() > 0) {
    waiting.pending.Expire(
        {later, later}, std::nullopt, [](const DecisionEntry&) {}, [](const LabelEntry&) {});
  }
}

TEST(PendingStateTest, DamagedRecordsAreRefusedAndNeverCrash) {
  Waiting waiting;
  History history(waiting, 99);
  StateMap store;
  for (int i = 0; i < 500; ++i) history.Step();
  StateChanges changes;
  waiting.pending.TakeChanges(changes);
  store.Commit(changes);
  std::mt19937 random(99);
  for (const StateRecord& record : store.Under()) {
    for (std::size_t size = 0; size < record.value.size(); size += 1 + record.value.size() / 16) {
      Waiting other;
      (void)other.pending.Load({record.key, record.value.substr(0, size)});
      StateRecord flipped = record;
      flipped.value[random() % flipped.value.size()] ^= static_cast<char>(1 << (random() % 8));
      (void)other.pending.Load(flipped);
    }
  }
}

}  // namespace
}  // namespace guardwatch
