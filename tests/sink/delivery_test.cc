#include "sink/delivery.h"

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sink/notifications.h"

namespace guardwatch {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Time that moves only when the test says so.
class ManualClock {
 public:
  DeliveryClock clock() {
    return {.monotonic_now = [this] { return now_; },
            .wall_now = [this] { return WallTime(now_.time_since_epoch()); },
            .after = [this](Duration delay, std::function<void()> call) -> std::shared_ptr<void> {
              auto timer = std::make_shared<std::function<void()>>(std::move(call));
              timers_.emplace(now_ + delay, timer);
              return timer;
            }};
  }

  void Advance(Duration by) {
    const MonotonicTime end = now_ + by;
    while (!timers_.empty() && timers_.begin()->first <= end) {
      const auto [time, weak] = *timers_.begin();
      timers_.erase(timers_.begin());
      now_ = std::max(now_, time);
      if (const auto timer = weak.lock()) std::exchange(*timer, nullptr)();
    }
    now_ = end;
  }

  MonotonicTime now() const { return now_; }

 private:
  MonotonicTime now_{1h};
  std::multimap<MonotonicTime, std::weak_ptr<std::function<void()>>> timers_;
};

// What a receiver got: `a` firing, `a!` resolved.
using Batch = std::vector<std::string>;

struct Receiver {
  std::vector<Batch> batches;
  std::function<void(Result<void>)> pending;  // Of the batch under way.
  bool wants_repeats = true;

  // Answers the batch under way.
  void Answer(Result<void> result) {
    ASSERT_TRUE(pending) << "nothing is under way";
    std::exchange(pending, nullptr)(std::move(result));
  }
  void Accept() { Answer({}); }
  void Fail() { Answer(FailRetryable("unreachable")); }

  std::vector<Batch> TakeBatches() { return std::exchange(batches, {}); }
};

class ScriptedSink : public AlertSink {
 public:
  explicit ScriptedSink(Receiver& receiver) : receiver_(receiver) {}
  const std::string& name() const override { return name_; }
  bool wants_repeats() const override { return receiver_.wants_repeats; }
  void Send(std::vector<Notification> batch, std::function<void(Result<void>)> done) override {
    EXPECT_FALSE(receiver_.pending) << "two batches under way";
    Batch seen;
    for (const Notification& alert : batch) seen.push_back(alert.id + (alert.resolved ? "!" : ""));
    receiver_.batches.push_back(seen);
    receiver_.pending = std::move(done);
  }

 private:
  Receiver& receiver_;
  std::string name_ = "scripted";
};

class DeliveryTest : public ::testing::Test {
 protected:
  void Start(DeliveryOptions options = {}) {
    delivery_ = std::make_unique<Delivery>(std::make_unique<ScriptedSink>(receiver_), options,
                                           clock_.clock());
  }

  ManualClock clock_;
  Receiver receiver_;
  std::unique_ptr<Delivery> delivery_;
};

TEST_F(DeliveryTest, SendsANewAlertAtOnceAndNotAgainForTheSameState) {
  Start();
  delivery_->Update({Firing("a")});
  receiver_.Accept();
  delivery_->Update({Firing("a")});
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}));
  const DeliveryStats stats = delivery_->stats();
  EXPECT_EQ(stats.sent, 1u);
  EXPECT_EQ(stats.queue_length, 0u);
  EXPECT_EQ(stats.last_success, WallTime(clock_.now().time_since_epoch()));
}

TEST_F(DeliveryTest, SendsTheChangeWhenAnAlertResolvesOrFiresAgain) {
  Start();
  delivery_->Update({Firing("a"), Firing("b")});
  receiver_.Accept();
  delivery_->Update({Resolved("a"), Firing("b")});
  receiver_.Accept();
  delivery_->Update({Firing("a"), Firing("b")});
  receiver_.Accept();
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}, Batch{"a!"}, Batch{"a"}));
}

TEST_F(DeliveryTest, RepeatsFiringAndResolvedAlertsAsLongAsTheyAreInTheSet) {
  Start({.resend_interval = 1min});
  delivery_->Update({Firing("a"), Resolved("b")});
  receiver_.Accept();
  receiver_.TakeBatches();

  clock_.Advance(59s);
  EXPECT_THAT(receiver_.batches, IsEmpty());
  clock_.Advance(1s);
  EXPECT_THAT(receiver_.TakeBatches(), ElementsAre(Batch{"a", "b!"}));
  receiver_.Accept();

  delivery_->Update({Firing("a")});
  clock_.Advance(1min);
  EXPECT_THAT(receiver_.TakeBatches(), ElementsAre(Batch{"a"}));
  receiver_.Accept();

  delivery_->Update({});
  clock_.Advance(10min);
  EXPECT_THAT(receiver_.batches, IsEmpty());
  EXPECT_EQ(delivery_->stats().dropped, 0u);
}

TEST_F(DeliveryTest, ARepeatCarriesTheLatestAnnotations) {
  Start();
  Notification alert = Firing("a");
  delivery_->Update({alert});
  receiver_.Accept();
  alert.annotations["summary"] = "worse";
  delivery_->Update({alert});
  EXPECT_EQ(receiver_.batches.size(), 1u) << "a value that moves is no change of state";
}

TEST_F(DeliveryTest, TellsAReceiverThatWantsOnlyChangesEverythingOnce) {
  receiver_.wants_repeats = false;
  Start();
  delivery_->Update({Firing("a")});
  receiver_.Accept();
  clock_.Advance(1h);
  delivery_->Update({Resolved("a")});
  receiver_.Accept();
  clock_.Advance(1h);
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}, Batch{"a!"}));
}

TEST_F(DeliveryTest, SplitsLargeSetsAndKeepsOneBatchUnderWay) {
  Start({.max_batch = 2});
  delivery_->Update({Firing("a"), Firing("b"), Firing("c"), Firing("d"), Firing("e")});
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}));
  receiver_.Accept();
  receiver_.Accept();
  receiver_.Accept();
  EXPECT_FALSE(receiver_.pending);
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}, Batch{"c", "d"}, Batch{"e"}));
}

TEST_F(DeliveryTest, ChangesOvertakeRepeats) {
  Start({.max_batch = 2});
  delivery_->Update({Firing("a"), Firing("b"), Firing("c")});
  receiver_.Accept();
  receiver_.Accept();
  receiver_.TakeBatches();
  clock_.Advance(1min);
  delivery_->Update({Firing("a"), Firing("b"), Firing("c"), Firing("d")});
  receiver_.Accept();
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}, Batch{"d", "c"}));
}

TEST_F(DeliveryTest, TheNewestStateWinsOverWhatHappenedWhileABatchWasUnderWay) {
  Start();
  delivery_->Update({Firing("a"), Firing("b")});
  delivery_->Update({Resolved("a"), Firing("b"), Firing("c")});
  delivery_->Update({Resolved("a"), Resolved("b"), Firing("c")});
  delivery_->Update({Resolved("a"), Firing("b"), Firing("c")});
  receiver_.Accept();
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}, Batch{"a!", "c"}));
}

TEST_F(DeliveryTest, ARetryCarriesTheNewestStateAndNoHistory) {
  Start();
  delivery_->Update({Firing("a")});
  receiver_.Fail();
  delivery_->Update({Resolved("a"), Firing("b")});
  EXPECT_EQ(receiver_.batches.size(), 1u) << "the receiver is given time";
  clock_.Advance(1s);
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}, Batch{"a!", "b"}));
}

TEST_F(DeliveryTest, AFailedAttemptMayHaveArrivedAllTheSame) {
  receiver_.wants_repeats = false;
  Start();
  delivery_->Update({Firing("a")});
  receiver_.Accept();
  delivery_->Update({Resolved("a")});
  delivery_->Update({Firing("a")});
  receiver_.Fail();  // Timed out, say: the receiver may believe that the alert is over.
  clock_.Advance(1s);
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}, Batch{"a!"}, Batch{"a"}));
}

TEST_F(DeliveryTest, WaitsTwiceAsLongAfterEachFailureUpToTheMaximum) {
  Start({.backoff_min = 1s, .backoff_max = 60s, .jitter_seed = 42});
  delivery_->Update({Firing("a")});
  for (const Duration expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    receiver_.TakeBatches();
    receiver_.Fail();
    clock_.Advance(expected / 2);  // Half of the delay is certain, the other half is chance.
    ASSERT_THAT(receiver_.batches, IsEmpty());
    clock_.Advance(expected - expected / 2);
    ASSERT_EQ(receiver_.batches.size(), 1u);
  }
  receiver_.Accept();
  delivery_->Update({Firing("a"), Firing("b")});
  receiver_.Fail();
  receiver_.TakeBatches();
  clock_.Advance(1s);
  EXPECT_EQ(receiver_.batches.size(), 1u) << "a success forgets the failures before it";
}

std::vector<Duration> RetryDelays(std::uint64_t seed) {
  ManualClock clock;
  Receiver receiver;
  Delivery delivery(std::make_unique<ScriptedSink>(receiver), {.jitter_seed = seed}, clock.clock());
  delivery.Update({Firing("a")});
  std::vector<Duration> delays;
  for (int i = 0; i < 5; ++i) {
    receiver.Fail();
    const MonotonicTime failed_at = clock.now();
    while (!receiver.pending) clock.Advance(1ms);
    delays.push_back(clock.now() - failed_at);
  }
  return delays;
}

TEST_F(DeliveryTest, TheJitterFollowsFromTheSeed) {
  EXPECT_EQ(RetryDelays(1), RetryDelays(1));
  EXPECT_NE(RetryDelays(1), RetryDelays(2));
  EXPECT_NE(RetryDelays(0), RetryDelays(1));
}

TEST_F(DeliveryTest, TheCircuitOpensAfterFailuresAndClosesAfterAProbe) {
  Start({.open_circuit_after = 3});
  delivery_->Update({Firing("a")});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(delivery_->stats().circuit, Circuit::kClosed);
    receiver_.Fail();
    if (i < 2) clock_.Advance(1min);
  }
  EXPECT_EQ(delivery_->stats().circuit, Circuit::kOpen);
  receiver_.TakeBatches();
  delivery_->Update({Firing("a"), Firing("b")});
  EXPECT_THAT(receiver_.batches, IsEmpty()) << "an open circuit holds new alerts too";
  clock_.Advance(1min);
  EXPECT_EQ(delivery_->stats().circuit, Circuit::kHalfOpen);
  receiver_.Fail();
  EXPECT_EQ(delivery_->stats().circuit, Circuit::kOpen);
  clock_.Advance(1min);
  receiver_.Accept();
  const DeliveryStats stats = delivery_->stats();
  EXPECT_EQ(stats.circuit, Circuit::kClosed);
  EXPECT_EQ(stats.consecutive_failures, 0u);
  EXPECT_EQ(stats.last_error, "unreachable");
  EXPECT_EQ(stats.sent, 2u);
  EXPECT_EQ(stats.failed, 1u + 1u + 1u + 2u);
}

TEST_F(DeliveryTest, ARefusedBatchIsNotRetriedBeforeTheNextRepeat) {
  Start({.resend_interval = 1min});
  delivery_->Update({Firing("a")});
  receiver_.Answer(Fail("HTTP 400"));
  EXPECT_EQ(delivery_->stats().failed, 1u);
  EXPECT_EQ(delivery_->stats().consecutive_failures, 1u);
  EXPECT_EQ(delivery_->stats().circuit, Circuit::kClosed);
  EXPECT_EQ(delivery_->stats().last_success, std::nullopt);
  delivery_->Update({Firing("a"), Firing("b")});
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}, Batch{"b"}));
  receiver_.Accept();
  clock_.Advance(1min);
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a"}, Batch{"b"}, Batch{"a", "b"}));
}

TEST_F(DeliveryTest, HoldsNoMoreThanItsLimitAndCountsEachAlertItDropsOnce) {
  Start({.max_alerts = 2});
  for (int i = 0; i < 3; ++i) delivery_->Update({Firing("a"), Firing("b"), Firing("c")});
  EXPECT_EQ(delivery_->stats().dropped, 1u);
  EXPECT_EQ(delivery_->stats().queue_length, 2u);
  receiver_.Accept();
  delivery_->Update({Firing("a"), Firing("c")});
  EXPECT_THAT(receiver_.batches, ElementsAre(Batch{"a", "b"}, Batch{"c"}));
}

TEST_F(DeliveryTest, CountsAlertsThatLeaveBeforeTheReceiverHeardOfThem) {
  Start();
  delivery_->Update({Firing("a")});
  receiver_.Fail();
  delivery_->Update({});
  EXPECT_EQ(delivery_->stats().dropped, 1u);
  receiver_.TakeBatches();
  clock_.Advance(10min);
  EXPECT_THAT(receiver_.batches, IsEmpty());
}

TEST_F(DeliveryTest, MeasuresHowLongTheReceiverTook) {
  Start();
  delivery_->Update({Firing("a")});
  clock_.Advance(250ms);
  receiver_.Accept();
  EXPECT_EQ(delivery_->stats().last_latency, 250ms);
}

TEST_F(DeliveryTest, AnAnswerMayComeAfterItsEnd) {
  Start();
  delivery_->Update({Firing("a")});
  delivery_.reset();
  receiver_.Accept();
  clock_.Advance(10min);
  EXPECT_EQ(receiver_.batches.size(), 1u);
}

}  // namespace
}  // namespace guardwatch
