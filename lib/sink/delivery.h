#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "net/io_loop.h"
#include "sink/options.h"
#include "sink/sink.h"

namespace guardwatch {

// Time as a Delivery sees it: the real one, or a test's.
struct DeliveryClock {
  std::function<MonotonicTime()> monotonic_now;
  std::function<WallTime()> wall_now;
  // Calls later, on the same thread, unless what it returned is destroyed before.
  std::function<std::shared_ptr<void>(Duration, std::function<void()>)> after;
};

DeliveryClock RealDeliveryClock(IoLoop& loop);

// Closed: sends. Open: the receiver failed several times in a row, waits. Half open: waited, and
// one batch is on its way to see whether the receiver is back.
enum class Circuit : std::uint8_t { kClosed, kOpen, kHalfOpen };
std::string_view ToString(Circuit circuit);

struct DeliveryStats {
  std::uint64_t sent = 0;    // Notifications delivered, repeats included.
  std::uint64_t failed = 0;  // Notifications in attempts that failed.
  std::uint64_t dropped =
      0;  // Alerts over max_alerts, or gone before their last change was delivered.
  std::uint64_t consecutive_failures = 0;  // Of attempts.
  std::string last_error;                  // Empty: none yet.
  std::optional<WallTime> last_success;
  std::optional<Duration> last_latency;  // Of the last attempt, failed or not.
  Circuit circuit = Circuit::kClosed;
  std::size_t queue_length = 0;  // Alerts whose state the receiver should still get.
};

// Brings one receiver to the current state of the alerts and keeps it there. It holds states, not
// messages: whatever happened while a receiver was slow or away, the next batch says what is true
// now. So a queue cannot grow, and one batch is under way at a time.
//
// I/O thread only. Tested in tests/sink/delivery_test.cc with time moved by hand.
class Delivery {
 public:
  Delivery(std::unique_ptr<AlertSink> sink, DeliveryOptions options, DeliveryClock clock);
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // The full set of firing and recently resolved alerts, ids distinct. What is new, or changed
  // between firing and resolved, is sent at once; the rest with the next repeat, if the receiver
  // wants repeats. An alert that is not in the set is forgotten.
  void Update(std::vector<Notification> current);

  const std::string& name() const { return sink_->name(); }
  DeliveryStats stats() const;

 private:
  // What of an alert a receiver has to know at once.
  struct Phase {
    bool resolved = false;
    WallTime starts_at{};
    friend bool operator==(const Phase&, const Phase&) = default;
  };
  struct Entry {
    Notification alert;
    std::optional<Phase> delivered;  // What the receiver has taken, or refused for good.
    bool repeat_due = false;
    std::uint64_t changed = 0;  // Older changes go first.

    Phase phase() const { return {alert.resolved, alert.starts_at}; }
    bool pending() const { return delivered != phase(); }
  };
  struct Sent {
    std::string id;
    Phase phase;
  };

  void Forget(const std::set<std::string>& current_ids);
  void Pump();
  void MarkRepeats();
  std::vector<const Entry*> NextBatch() const;
  void SendBatch(const std::vector<const Entry*>& batch);
  void OnDone(const std::vector<Sent>& batch, MonotonicTime started, const Result<void>& result);
  static void Settle(Entry& entry, const Phase& sent, bool settled);
  Duration Backoff();
  void WakeAt(MonotonicTime time);

  std::unique_ptr<AlertSink> sink_;
  DeliveryOptions options_;
  DeliveryClock clock_;
  std::map<std::string, Entry> entries_;
  std::set<std::string> over_limit_;  // Ids of the last Update that had no place.
  std::uint64_t changes_ = 0;
  bool in_flight_ = false;
  std::uint64_t unreachable_ = 0;  // Retryable failures in a row.
  std::uint64_t random_;           // The state of a SplitMix64 sequence.
  MonotonicTime retry_at_{};
  MonotonicTime repeat_at_{};
  DeliveryStats stats_;
  std::shared_ptr<void> wake_up_;
  std::shared_ptr<void> alive_ = std::make_shared<char>();  // For answers that come after our end.
};

}  // namespace guardwatch
