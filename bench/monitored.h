#pragma once

#include <cstdint>
#include <memory>

#include "ingest/shard.h"
#include "monitor/monitor.h"
#include "stream.h"

namespace guardwatch::bench {

// A monitor with some 2 000 series, fed by one shard in event time.
class Monitored {
 public:
  Monitored();

  // The changes of a second of events.
  ShardBatch NextBatch();
  // A batch without changes, held against a watermark one pane later than the one before: it seals
  // one pane.
  ShardBatch NextSeal();
  void Take(const ShardBatch& batch);
  // Twenty seconds of events, all of it sealed.
  void Warm();

  Monitor& monitor() { return monitor_; }
  const Tick& tick() const { return tick_; }
  std::int64_t events() const { return next_; }
  std::int64_t series() const;

 private:
  ShardBatch Flush();

  const EventStream stream_;
  const SourceOptions source_;
  Shard shard_;
  Monitor monitor_;
  Record record_;
  Watermarks honoured_;
  std::int64_t next_ = 0;
  Tick tick_{WallTime(std::chrono::hours(500'000)), MonotonicTime(std::chrono::hours(1))};
};

}  // namespace guardwatch::bench
