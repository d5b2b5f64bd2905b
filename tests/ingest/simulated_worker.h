#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "ingest/random_stream.h"
#include "ingest/shard.h"

namespace guardwatch {

// A worker of a simulation: reads recorded logs for its shards, in steps of random length.
struct SimulatedWorker {
  struct Route {
    Shard* shard = nullptr;
    LogIndex log = 0;
  };
  struct Reader {
    std::size_t log = 0;
    std::size_t next = 0;
    std::vector<Route> routes;
  };

  std::map<std::uint32_t, std::unique_ptr<Shard>> shards;
  std::vector<Reader> readers;
  std::deque<ShardBatch> queue;  // On its way to the monitor.

  // A few records of one of its logs.
  void ReadSome(const RecordedStream& stream, Random& random) {
    if (readers.empty()) return;
    Reader& reader =
        readers[static_cast<std::size_t>(Below(random, static_cast<int>(readers.size())))];
    const auto& records = stream.records[reader.log];
    for (int n = Below(random, 12); n > 0 && reader.next < records.size(); --n, ++reader.next) {
      for (const Route& route : reader.routes) {
        const RecordPlace place{route.log, static_cast<std::int64_t>(reader.next), {}, 1};
        route.shard->Take(place, records[reader.next].Build(), {});
      }
    }
  }

  // Hands on what was read, held against `read`. `seen`, by shard: what a worker reads of the
  // watermarks never goes back, however stale it is.
  void Flush(const RecordedStream& stream, const Watermarks& read,
             std::map<std::uint32_t, Watermarks>& seen) {
    for (const Reader& reader : readers) {
      const bool finished = reader.next == stream.records[reader.log].size();
      for (const Route& route : reader.routes) {
        route.shard->Observe(route.log, {true, finished, finished},
                             static_cast<std::int64_t>(reader.next), {});
      }
    }
    for (auto& [id, shard] : shards) {
      Watermarks& latest = seen[id];
      latest = {std::max(latest.scores, read.scores), std::max(latest.labels, read.labels)};
      shard->Honour(latest);
      queue.push_back(shard->Flush());
    }
  }
};

}  // namespace guardwatch
