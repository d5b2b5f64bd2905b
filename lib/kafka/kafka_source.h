#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kafka/options.h"
#include "source/source.h"

namespace guardwatch {

class KafkaConsumer;

// Partitions of Kafka topics, read by one consumer that belongs to one worker thread. The
// partitions are assigned by hand, so no group decides who reads what.
//
// Nothing that a cluster does ends it: brokers that are down, topics that are gone and offsets that
// were deleted show in Status, and reading goes on when it can. A log that does not hold the offset
// that comes next, or that was made anew, is read from its start: a PositionReset, which the log's
// error names from then on.
//
// A log made anew is known by the last record that was read of the old one, which is looked at when
// the log was away and when an assignment names it. So it is not noticed if it already has the
// next offset and was away for so short a time that no statistics showed it, or came before an
// assignment that names no record (librdkafka shows no topic ids). A log cut by an unclean leader
// election is not noticed if it has grown past the position again before it is read.
//
// Payloads are librdkafka's own memory: holding a batch holds the fetched messages around it too.
class KafkaSource final : public EventSource {
 public:
  // An error is one of the options or of the assignments; the brokers need not be there. `now` is
  // what StartPolicy counts back from.
  static Result<std::unique_ptr<KafkaSource>> Create(const KafkaOptions& options,
                                                     std::vector<LogAssignment> assignments,
                                                     WallTime now, KafkaLog log);
  ~KafkaSource() override;

  // Finding start offsets by time needs an answer from the brokers: while logs wait for one, the
  // wait may be stretched to a second for brokers that are there but slow.
  std::span<const Record> Poll(std::chrono::milliseconds wait) override;
  std::span<const LogStatus> Status() override;
  Result<void> Assign(std::vector<LogAssignment> more) override;

  // Tells the group what was taken in, for tools that show lag; in the background, best effort. One
  // offset per log, in order; negative ones are left out.
  void Commit(std::span<const std::int64_t> next_offsets);

 private:
  explicit KafkaSource(std::unique_ptr<KafkaConsumer> consumer);

  std::unique_ptr<KafkaConsumer> consumer_;
};

}  // namespace guardwatch
