#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "app/shard_plan.h"
#include "base/result.h"
#include "codec/codec.h"
#include "ingest/shard.h"
#include "source/source.h"
#include "window/batch.h"

namespace guardwatch {

// The main path of one worker: poll, decode, offer to the shards that want the record, flush. Owns
// its reader, its codec and its shards; shares nothing. One thread.
class IngestWorker {
 public:
  IngestWorker(const SourceOptions& source, std::unique_ptr<EventSource> reader,
               std::unique_ptr<Codec> codec)
      : source_(source), reader_(std::move(reader)), codec_(std::move(codec)) {}

  // A new shard, or one that goes on from a checkpoint.
  void AddShard(std::unique_ptr<Shard> shard);

  // What may wait in each shard, in bytes.
  void LimitPending(std::int64_t bytes_per_shard);

  // Starts to take in a log for those of its shards that this worker owns. The reader must have
  // been told to read it as its next one.
  void AddLog(const PlannedLog& log, bool starts_idle, const Tick& tick);

  // Takes a plan that has grown: tells the reader to read logs that are new, and offers logs that
  // were read before to shards that are new, from where they stand.
  Result<void> Extend(const std::vector<PlannedLog>& logs, const Tick& tick);

  // Reads and takes in what is there, waiting at most `wait` for the first record. Returns how
  // many.
  std::size_t Turn(std::chrono::milliseconds wait, const Tick& tick);

  // The changes since the last flush, one batch per shard, held against `watermarks` from now on.
  std::vector<ShardBatch> Flush(const Watermarks& watermarks, const Tick& tick);

  std::span<const LogStatus> Status() { return reader_->Status(); }
  const std::vector<PlannedLog>& logs() const { return logs_; }

 private:
  struct Route {
    Shard* shard = nullptr;
    LogIndex log = 0;
  };

  // A record on its way from its bytes to its shards.
  struct Decoded {
    DecodeBuffer buffer;
    Event event;
    Recognised recognised;  // By the shard of the first route.
    std::optional<RejectReason> reject;
  };
  // Records that are decoded and recognised before the first of them is taken in, so that waiting
  // for memory overlaps: more of them find theirs gone from the nearest cache again.
  static constexpr std::size_t kGroup = 64;

  void AddRoutes(std::size_t index, const PlannedLog& log, bool starts_idle, const Tick& tick);
  void OfferGroup(std::span<const Record> records, const Tick& tick);
  void Decode(const Record& record, Decoded& decoded);
  void AskForRequest(const Record& record, const Decoded& decoded) const;
  void Offer(const Record& record, Decoded& decoded, const Tick& tick);
  void PassOnResets(const Tick& tick);

  const SourceOptions& source_;
  std::unique_ptr<EventSource> reader_;
  std::unique_ptr<Codec> codec_;
  std::map<std::uint32_t, std::unique_ptr<Shard>> shards_;
  std::vector<PlannedLog> logs_;            // As the reader was assigned.
  std::vector<std::vector<Route>> routes_;  // By log.
  std::array<Decoded, kGroup> group_;
  std::vector<std::int64_t> resets_;  // Of each log's position, that the shards know of.
};

}  // namespace guardwatch
