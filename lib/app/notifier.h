#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/logging.h"
#include "config/config.h"
#include "expose/self_metrics.h"
#include "monitor/snapshot.h"
#include "net/io_loop.h"
#include "sink/delivery.h"
#include "sink/sink.h"

namespace guardwatch {

// What receivers are told: firing alerts, and resolved ones they were told of before. Times are
// those of the stream, but never ahead of the wall clock.
Notification ToNotification(const Alert& alert, WallTime now, const std::string& external_url);

// Keeps every receiver at the state of the latest snapshot. I/O thread only.
class Notifier {
 public:
  // Fails, naming the receiver, if one cannot be made from its configuration.
  static Result<std::unique_ptr<Notifier>> Create(IoLoop& loop, const Config& config, Logger& log);

  // Takes the place of `before`: alerts that it told of as firing are told of when they resolve.
  void TakeOverFrom(const Notifier& before) { told_ = before.told_; }

  // Goes on from a checkpoint: whatever was firing in it has been told of, or is told of again.
  void GoOnFrom(const Snapshot& restored);

  // Does nothing while notifications are held (catching up): when that ends, only what still fires
  // is sent.
  void Update(const Snapshot& snapshot);

  std::vector<ReceiverStatus> Status() const;

 private:
  struct Receiver {
    std::string name;
    std::unique_ptr<Delivery> delivery;
  };

  std::string external_url_;
  std::vector<Receiver> receivers_;
  std::set<std::string> told_;  // Ids of alerts that were handed on as firing.
};

// The sinks of one configured receiver, one per peer. Shared with `guardwatchctl alert test`.
Result<std::vector<std::unique_ptr<AlertSink>>> MakeSinks(IoLoop& loop,
                                                          const ReceiverConfig& config,
                                                          Logger& log);

}  // namespace guardwatch
