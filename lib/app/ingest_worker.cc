#include "app/ingest_worker.h"

#include <algorithm>
#include <utility>

#include "base/prefetch.h"

namespace guardwatch {

void IngestWorker::AddShard(std::unique_ptr<Shard> shard) {
  const std::uint32_t number = shard->shard_index();
  shards_.emplace(number, std::move(shard));
}

void IngestWorker::LimitPending(std::int64_t bytes_per_shard) {
  for (const auto& [number, shard] : shards_) shard->LimitPending(bytes_per_shard);
}

void IngestWorker::AddLog(const PlannedLog& log, bool starts_idle, const Tick& tick) {
  logs_.push_back(log);
  routes_.emplace_back();
  resets_.push_back(0);
  AddRoutes(logs_.size() - 1, log, starts_idle, tick);
}

void IngestWorker::AddRoutes(std::size_t index, const PlannedLog& log, bool starts_idle,
                             const Tick& tick) {
  std::vector<Route>& routes = routes_[index];
  for (const std::uint32_t id : log.shards) {
    const auto own = shards_.find(id);
    if (own == shards_.end()) continue;
    const bool known = std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
      return route.shard->shard_index() == id;
    });
    if (known) continue;
    const LogSpec spec{.topic = log.name.topic,
                       .topic_rank = log.topic_rank,
                       .partition = log.name.partition,
                       .carries = log.carries,
                       .counts = id == log.counting_shard,
                       .starts_idle = starts_idle};
    routes.push_back({own->second.get(), own->second->AddLog(spec, tick.monotonic)});
  }
}

Result<void> IngestWorker::Extend(const std::vector<PlannedLog>& logs, const Tick& tick) {
  std::vector<PlannedLog> fresh;
  for (const PlannedLog& log : logs) {
    const auto known = std::find_if(logs_.begin(), logs_.end(),
                                    [&](const PlannedLog& old) { return old.name == log.name; });
    if (known == logs_.end()) {
      fresh.push_back(log);
    } else {
      AddRoutes(static_cast<std::size_t>(known - logs_.begin()), log, true, tick);
    }
  }
  if (fresh.empty()) return {};
  std::vector<LogAssignment> assignments;
  assignments.reserve(fresh.size());
  for (const PlannedLog& log : fresh) assignments.push_back({log.name, 0});
  if (auto assigned = reader_->Assign(std::move(assignments)); !assigned) return assigned;
  for (const PlannedLog& log : fresh) AddLog(log, true, tick);
  return {};
}

std::size_t IngestWorker::Turn(std::chrono::milliseconds wait, const Tick& tick) {
  const std::span<const Record> records = reader_->Poll(wait);
  PassOnResets(tick);
  for (std::size_t done = 0; done < records.size(); done += kGroup) {
    OfferGroup(records.subspan(done, std::min(kGroup, records.size() - done)), tick);
  }
  return records.size();
}

// A log whose position has jumped: its shards must know before they see what comes next.
void IngestWorker::PassOnResets(const Tick& tick) {
  const std::span<const LogStatus> status = reader_->Status();
  for (std::size_t log = 0; log < status.size(); ++log) {
    if (status[log].resets == resets_[log]) continue;
    resets_[log] = status[log].resets;
    if (!status[log].last_reset) continue;
    const PositionReset& reset = *status[log].last_reset;
    for (const Route& route : routes_[log]) {
      route.shard->Reset(route.log, {reset.reason, reset.from, reset.to, tick.wall});
    }
  }
}

void IngestWorker::OfferGroup(std::span<const Record> records, const Tick& tick) {
  constexpr std::size_t kAhead = 4;  // Payloads are asked for so many records before their turn.
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i + kAhead < records.size()) {
      const std::string_view next = records[i + kAhead].payload;
      Prefetch(next.data(), static_cast<int>(std::min<std::size_t>(next.size(), 512) / kCacheLine));
    }
    Decode(records[i], group_[i]);
  }
  // For all of them at once: what takes time is to find where in memory it is, and that overlaps.
  for (std::size_t i = 0; i < records.size(); ++i) AskForRequest(records[i], group_[i]);
  const auto for_each_recognised = [&](auto&& step) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::vector<Route>& routes = routes_[records[i].log];
      if (!group_[i].reject && !routes.empty()) step(*routes.front().shard, group_[i]);
    }
  };
  for_each_recognised(
      [](Shard& shard, Decoded& decoded) { shard.Locate(decoded.event, decoded.recognised); });
  for_each_recognised(
      [](const Shard& shard, Decoded& decoded) { shard.AskForCell(decoded.recognised); });
  for_each_recognised(
      [](const Shard& shard, Decoded& decoded) { shard.AskForBins(decoded.recognised); });
  for (std::size_t i = 0; i < records.size(); ++i) Offer(records[i], group_[i], tick);
}

void IngestWorker::Decode(const Record& record, Decoded& decoded) {
  const DecodeContext context{record.timestamp, logs_[record.log].carries};
  decoded.reject = codec_->Decode(record.payload, context, decoded.buffer, decoded.event);
  if (decoded.reject) return;
  const std::vector<Route>& routes = routes_[record.log];
  if (routes.empty()) return;
  routes.front().shard->Recognise(decoded.event, routes.front().log, decoded.recognised);
  for (const Route& route : routes) route.shard->AskForPart(decoded.recognised);
}

void IngestWorker::AskForRequest(const Record& record, const Decoded& decoded) const {
  if (decoded.reject) return;
  for (const Route& route : routes_[record.log]) route.shard->AskForRequest(decoded.recognised);
}

void IngestWorker::Offer(const Record& record, Decoded& decoded, const Tick& tick) {
  for (const Route& route : routes_[record.log]) {
    const RecordPlace place{route.log, record.offset, record.timestamp, record.payload.size()};
    if (decoded.reject) {
      route.shard->Reject(place, *decoded.reject, decoded.event, tick);
    } else {
      route.shard->Take(place, decoded.event, decoded.recognised, tick);
    }
    // Requests are the same of all shards, which share the seed; shapes are each shard's own.
    decoded.recognised.shape = nullptr;
  }
}

std::vector<ShardBatch> IngestWorker::Flush(const Watermarks& watermarks, const Tick& tick) {
  const std::span<const LogStatus> status = reader_->Status();
  for (std::size_t log = 0; log < status.size(); ++log) {
    const LogStatus& s = status[log];
    const bool at_end = s.end_offset >= 0 && s.next_offset >= s.end_offset;
    for (const Route& route : routes_[log]) {
      route.shard->Observe(route.log, {s.readable, at_end, s.finished, s.stuck_at_lso, s.last_read},
                           s.next_offset, tick);
    }
  }
  std::vector<ShardBatch> batches;
  for (auto& [id, shard] : shards_) {
    shard->Honour(watermarks);
    batches.push_back(shard->Flush());
  }
  return batches;
}

}  // namespace guardwatch
