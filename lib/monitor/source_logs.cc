#include "monitor/source_logs.h"

#include <algorithm>

namespace guardwatch {
namespace {

bool Excused(LogState state) { return state >= LogState::kIdle; }

bool Carries(const LogDefinition& log, bool labels) {
  return labels ? log.carries.labels : log.carries.scores || log.carries.decisions;
}

// Of two states of one log the one that tells more: what is wrong before what is fine.
LogState Worse(LogState a, LogState b) {
  if (a == LogState::kUnavailable || b == LogState::kUnavailable) return LogState::kUnavailable;
  return std::min(a, b);
}

}  // namespace

void SourceLogs::Expect(std::uint32_t shard) { shards_.try_emplace(shard); }

bool SourceLogs::Take(const ShardBatch& batch) {
  Shard& shard = shards_[batch.shard];
  if (batch.sequence != shard.next_sequence) return false;
  for (const LogChange& change : batch.logs) {
    if (change.log < shard.logs.size() && shard.logs[change.log].latest.to != change.from) {
      return false;
    }
  }
  ++shard.next_sequence;
  shard.honoured = batch.honoured;
  for (const LogDefinition& definition : batch.new_logs) {
    shard.logs.resize(std::max<std::size_t>(shard.logs.size(), definition.log + 1));
    shard.logs[definition.log].definition = definition;
  }
  for (const LogChange& change : batch.logs) {
    Log& log = shard.logs[change.log];
    log.latest = change;
    log.counters += change.counters;
    for (const LastReject& reject : change.last_rejects) log.last_rejects[reject.reason] = reject;
  }
  return true;
}

EventTime SourceLogs::Least(bool labels, EventTime before, std::string* held_back_by) const {
  const Duration lateness = labels ? source_.label_lateness : source_.allowed_lateness;
  EventTime least = kEndOfTime;
  bool any_carries = false;
  bool all_finished = true;
  for (const auto& [id, shard] : shards_) {
    if (shard.next_sequence == 0) return before;
    for (const Log& log : shard.logs) {
      if (!Carries(log.definition, labels)) continue;
      any_carries = true;
      all_finished = all_finished && log.latest.state == LogState::kFinished;
      if (Excused(log.latest.state)) continue;
      const EventTime own =
          log.latest.progress ? *log.latest.progress - lateness : kBeginningOfTime;
      if (own >= least) continue;
      least = own;
      if (held_back_by != nullptr) {
        *held_back_by = log.definition.topic + "/" + std::to_string(log.definition.partition);
      }
    }
  }
  if (least == kEndOfTime && any_carries && !all_finished) return before;  // All are excused.
  return std::max(before, least);
}

bool SourceLogs::LabelsAreSilent() const {
  bool any = false;
  for (const auto& [id, shard] : shards_) {
    for (const Log& log : shard.logs) {
      if (!Carries(log.definition, true)) continue;
      any = true;
      if (!Excused(log.latest.state)) return false;
    }
  }
  return any;
}

const Watermarks& SourceLogs::Propose() {
  held_back_by_.clear();
  if (shards_.empty()) return proposed_;
  proposed_.scores = Least(false, proposed_.scores, &held_back_by_);
  proposed_.labels = Least(true, proposed_.labels, nullptr);
  if (LabelsAreSilent()) {
    // Reviews come in batches, with silence in between. Nobody waits for silent logs, but a label
    // that is no more than its lateness behind the scores still finds its score.
    proposed_.labels = std::max(proposed_.labels, proposed_.scores - source_.label_lateness);
  }
  return proposed_;
}

Watermarks SourceLogs::Honoured() const {
  if (shards_.empty()) return {};
  Watermarks least{kEndOfTime, kEndOfTime};
  for (const auto& [id, shard] : shards_) {
    least.scores = std::min(least.scores, shard.honoured.scores);
    least.labels = std::min(least.labels, shard.honoured.labels);
  }
  return least;
}

bool SourceLogs::AnyEvent() const {
  return std::any_of(shards_.begin(), shards_.end(), [](const auto& shard) {
    return std::any_of(shard.second.logs.begin(), shard.second.logs.end(),
                       [](const Log& log) { return log.latest.progress.has_value(); });
  });
}

bool SourceLogs::Behind(WallTime wall, Duration bound) const {
  for (const auto& [id, shard] : shards_) {
    if (shard.next_sequence == 0) return true;
    for (const Log& log : shard.logs) {
      if (log.latest.at_end || Excused(log.latest.state)) continue;
      if (!log.latest.progress) return true;
      if (Micros(wall) - Micros(*log.latest.progress) > bound.count()) return true;
    }
  }
  return false;
}

std::vector<LogView> SourceLogs::Views() const {
  std::map<std::pair<std::string, std::int32_t>, LogView> merged;
  for (const auto& [id, shard] : shards_) {
    for (const Log& log : shard.logs) {
      const auto [at, is_new] =
          merged.try_emplace({log.definition.topic, log.definition.partition});
      LogView& view = at->second;
      const LogChange& latest = log.latest;
      if (is_new) {
        view.topic = log.definition.topic;
        view.partition = log.definition.partition;
        view.carries = log.definition.carries;
        view.state = latest.state;
        view.at_end = latest.at_end;
        view.next_offset = latest.to;
        view.progress = latest.progress;
      } else {
        view.state = Worse(view.state, latest.state);
        view.at_end = view.at_end && latest.at_end;
        view.next_offset = std::min(view.next_offset, latest.to);
        view.progress = std::min(view.progress, latest.progress);
      }
      view.counters += log.counters;
      for (const auto& [reason, reject] : log.last_rejects) view.last_rejects.push_back(reject);
    }
  }
  std::vector<LogView> views;
  views.reserve(merged.size());
  for (auto& [name, view] : merged) views.push_back(std::move(view));
  return views;
}

}  // namespace guardwatch
