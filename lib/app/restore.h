#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "config/config.h"
#include "ingest/shard.h"
#include "ingest/state_summary.h"
#include "monitor/monitor.h"
#include "store/state_store.h"

// What a daemon starts from: nothing, or the last checkpoint of a state directory.
//
// Records: 'v' the format's version, 'c' what the state belongs to, 'i' shards by source and
// number, 'm' the monitor's.

namespace guardwatch {

using Shards = std::map<std::uint32_t, std::unique_ptr<Shard>>;  // By number.

struct StartingPoint {
  HashSeed seed;
  std::unique_ptr<Monitor> monitor;
  std::vector<Shards> shards;  // By source, as configured; empty where nothing is known.
  bool fresh = true;           // There is no checkpoint.
  std::int64_t pending = 0;    // Scores, decisions and labels that wait, over all shards.
};

// What a source's state is only good for: its topics and how they are read. In words, for messages.
std::string StateIdentity(const SourceConfig& source);

// `config` must outlive what is returned. An error says what is wrong and what to do about it.
Result<StartingPoint> StartFresh(const Config& config);
Result<StartingPoint> Restore(const Config& config, const StateStore& store);

// The prefix of a shard's records, and of the monitor's.
std::string ShardPrefix(const std::string& source, std::uint32_t shard);
inline constexpr std::string_view kMonitorPrefix = "m";

// What the first checkpoint has to hold besides: version and identity.
StateChanges Preamble(const Config& config, HashSeed seed);

struct StateSummary {
  std::uint64_t version = 0;
  std::map<std::string, std::string> sources;                            // Name to identity.
  std::map<std::pair<std::string, std::uint32_t>, ShardSummary> shards;  // By source and number.
  std::int64_t alerts = 0;
  std::int64_t bytes = 0;  // Of records.
};
// Describes a state directory without a configuration.
Result<StateSummary> Inspect(const StateStore& store);

}  // namespace guardwatch
