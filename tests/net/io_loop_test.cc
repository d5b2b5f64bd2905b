#include "net/io_loop.h"

#include <chrono>
#include <optional>
#include <signal.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::milliseconds;

TEST(IoLoopTest, RunsPostedCallsInOrderAndStopsAfterThem) {
  IoLoop loop;
  std::vector<int> order;
  loop.Post([&] { order.push_back(1); });
  loop.Post([&] { order.push_back(2); });
  loop.Stop();
  loop.Run();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(IoLoopTest, TakesCallsFromOtherThreads) {
  IoLoop loop;
  int calls = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) {
        loop.Post([&] {
          if (++calls == 400) loop.Stop();
        });
      }
    });
  }
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, 400);
}

TEST(IoLoopTest, FiresTimersInTheOrderOfTheirTimes) {
  IoLoop loop;
  std::vector<int> order;
  const Timer late = loop.After(milliseconds(20), [&] {
    order.push_back(2);
    loop.Stop();
  });
  const Timer early = loop.After(milliseconds(1), [&] { order.push_back(1); });
  loop.Run();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(IoLoopTest, ACancelledOrForgottenTimerNeverFires) {
  IoLoop loop;
  bool fired = false;
  Timer cancelled = loop.After(milliseconds(0), [&] { fired = true; });
  cancelled.Cancel();
  {
    const Timer forgotten = loop.After(milliseconds(0), [&] { fired = true; });
  }
  Timer replaced = loop.After(milliseconds(0), [&] { fired = true; });
  replaced = loop.After(milliseconds(10), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(fired);
}

TEST(IoLoopTest, ATimerMayBeCancelledAfterItsTimeHasCome) {
  IoLoop loop;
  bool fired = false;
  std::optional<Timer> victim;
  // Both are due when the loop looks; the first call takes the second one back.
  const Timer first = loop.After(milliseconds(0), [&] { victim.reset(); });
  victim = loop.After(milliseconds(0), [&] { fired = true; });
  const Timer stop = loop.After(milliseconds(5), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(fired);
}

TEST(IoLoopTest, ATimerMayOutliveItsLoop) {
  Timer timer;
  {
    IoLoop loop;
    timer = loop.After(milliseconds(1000), [] {});
  }
  timer.Cancel();
}

TEST(IoLoopTest, DeliversEverySignal) {
  IoLoop loop;
  std::vector<int> signals;
  ASSERT_TRUE(loop.OnSignals({SIGUSR1, SIGUSR2}, [&](int signal) {
    signals.push_back(signal);
    if (signals.size() == 2) return loop.Stop();
    raise(SIGUSR2);
  }));
  loop.Post([] { raise(SIGUSR1); });
  loop.Run();
  EXPECT_EQ(signals, (std::vector<int>{SIGUSR1, SIGUSR2}));
  EXPECT_FALSE(IoLoop().OnSignals({SIGKILL}, [](int) {}));
}

}  // namespace
}  // namespace guardwatch
