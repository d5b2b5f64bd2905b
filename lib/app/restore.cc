#include "app/restore.h"

#include <algorithm>
#include <random>
#include <utility>

#include "app/open_reader.h"
#include "base/bytes.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kFormatVersion = 6;
constexpr std::string_view kMagic = "guardwatch state";
constexpr std::string_view kAdvice =
    "; to go on, put back what has changed, or start over with `guardwatchctl state reset`";

// Not guessable from outside, so that request ids cannot be chosen to collide.
HashSeed RandomSeed() {
  std::random_device device;
  const auto word = [&] { return (std::uint64_t{device()} << 32) | device(); };
  const std::uint64_t k0 = word();
  return {k0, word()};
}

struct Identity {
  HashSeed seed;
  std::map<std::string, std::string> sources;
};

Result<Identity> ReadIdentity(const StateStore& store) {
  auto record = store.Get("c");
  if (!record) return tl::unexpected(record.error());
  ByteReader in(record->has_value() ? **record : std::string_view());
  Identity identity;
  identity.seed.k0 = in.Fixed<std::uint64_t>();
  identity.seed.k1 = in.Fixed<std::uint64_t>();
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    const std::string name(in.Text());
    identity.sources[name] = in.Text();
  }
  if (!in.done()) return Fail(store.directory() + " is damaged: its identity cannot be read");
  return identity;
}

Result<std::uint64_t> ReadVersion(const std::string& record, const std::string& directory) {
  ByteReader in(record);
  const bool ours = in.Text() == kMagic;
  const std::uint64_t version = in.Varint();
  if (!ours || !in.done()) return Fail(directory + " holds something else than guardwatch's state");
  return version;
}

Error Contradiction(const std::string& directory, const std::string& what) {
  return {"the state in " + directory + " does not fit: " + what + std::string(kAdvice), false};
}

CarriedKinds AllKinds(const SourceConfig& source) {
  CarriedKinds all{false, false, false};
  for (const TopicConfig& topic : TopicsOf(source)) {
    all.scores = all.scores || topic.carries.scores;
    all.decisions = all.decisions || topic.carries.decisions;
    all.labels = all.labels || topic.carries.labels;
  }
  return all;
}

Result<void> LoadShards(const SourceConfig& source, std::uint32_t index, const StateStore& store,
                        StartingPoint& start) {
  Shards& shards = start.shards[index];
  const std::string prefix = KeyWriter("i").Name(source.ingest.name).Take();
  auto loaded = store.ForEach(prefix, [&](StateRecord record) -> Result<void> {
    KeyReader key(record.key);
    const std::uint32_t number = key.Number32();
    std::unique_ptr<Shard>& shard = shards[number];
    if (!shard) {
      shard = std::make_unique<Shard>(source.ingest, index, number, AllKinds(source), start.seed);
    }
    if (shard->Load({std::string(key.rest()), std::move(record.value)})) return {};
    return Fail(store.directory() + " is damaged: a record of source " + source.ingest.name +
                ", shard " + std::to_string(number) + " cannot be understood" +
                std::string(kAdvice));
  });
  if (!loaded) return loaded;
  for (const auto& [number, shard] : shards) {
    shard->Loaded();
    start.pending += shard->pending();
  }
  return {};
}

}  // namespace

std::string StateIdentity(const SourceConfig& source) {
  std::vector<TopicConfig> topics = TopicsOf(source);
  std::sort(topics.begin(), topics.end(),
            [](const TopicConfig& a, const TopicConfig& b) { return a.name < b.name; });
  std::string text = source.demo ? "demo:" : source.files ? "files:" : "kafka:";
  for (const TopicConfig& topic : topics) {
    text += " " + topic.name + "(";
    if (topic.carries.scores) text += "s";
    if (topic.carries.decisions) text += "d";
    if (topic.carries.labels) text += "l";
    text += ")";
  }
  if (source.ingest.labels_follow_scores) text += " labels partitioned as scores";
  return text;
}

std::string ShardPrefix(const std::string& source, std::uint32_t shard) {
  return KeyWriter("i").Name(source).Number(shard).Take();
}

StateChanges Preamble(const Config& config, HashSeed seed) {
  StateChanges changes;
  ByteWriter version;
  version.Text(kMagic);
  version.Varint(kFormatVersion);
  changes.Put("v", version.Take());
  ByteWriter identity;
  identity.Fixed(seed.k0);
  identity.Fixed(seed.k1);
  identity.Varint(config.sources.size());
  for (const SourceConfig& source : config.sources) {
    identity.Text(source.ingest.name);
    identity.Text(StateIdentity(source));
  }
  changes.Put("c", identity.Take());
  return changes;
}

Result<StartingPoint> StartFresh(const Config& config) {
  StartingPoint start;
  start.seed = RandomSeed();
  start.monitor = std::make_unique<Monitor>(config.monitor);
  start.shards.resize(config.sources.size());
  return start;
}

Result<StartingPoint> Restore(const Config& config, const StateStore& store) {
  auto version = store.Get("v");
  if (!version) return tl::unexpected(version.error());
  if (!*version) {
    bool anything = false;
    auto looked = store.ForEach("", [&](const StateRecord&) -> Result<void> {
      anything = true;
      return {};
    });
    if (!looked) return tl::unexpected(looked.error());
    if (anything) return Fail(store.directory() + " is damaged: it does not say its version");
    return StartFresh(config);
  }
  const auto number = ReadVersion(**version, store.directory());
  if (!number) return tl::unexpected(number.error());
  if (*number != kFormatVersion) {
    return Fail("the state in " + store.directory() + " has format " + std::to_string(*number) +
                ", and this version of guardwatch reads format " + std::to_string(kFormatVersion) +
                "; run the version that wrote it, or start over with `guardwatchctl state reset`");
  }
  const auto identity = ReadIdentity(store);
  if (!identity) return tl::unexpected(identity.error());

  StartingPoint start;
  start.fresh = false;
  start.seed = identity->seed;
  start.monitor = std::make_unique<Monitor>(config.monitor);
  start.shards.resize(config.sources.size());
  for (const auto& [name, topics] : identity->sources) {
    const auto same = std::find_if(config.sources.begin(), config.sources.end(),
                                   [&](const SourceConfig& s) { return s.ingest.name == name; });
    if (same == config.sources.end()) {
      return tl::unexpected(Contradiction(
          store.directory(), "it holds source \"" + name + "\", which is not configured"));
    }
    if (StateIdentity(*same) != topics) {
      return tl::unexpected(
          Contradiction(store.directory(), "source \"" + name + "\" was read as " + topics +
                                               ", and is configured as " + StateIdentity(*same)));
    }
  }
  auto loaded = store.ForEach(kMonitorPrefix, [&](StateRecord record) -> Result<void> {
    auto taken = start.monitor->Load(record);
    if (!taken) {
      return tl::unexpected(Contradiction(store.directory(), taken.error().message));
    }
    return {};
  });
  if (!loaded) return tl::unexpected(loaded.error());
  start.monitor->Restored({Now(), MonotonicNow()});
  for (std::uint32_t i = 0; i < config.sources.size(); ++i) {
    if (auto shards = LoadShards(config.sources[i], i, store, start); !shards) {
      return tl::unexpected(shards.error());
    }
  }
  return start;
}

Result<StateSummary> Inspect(const StateStore& store) {
  StateSummary summary;
  const auto version = store.Get("v");
  if (!version) return tl::unexpected(version.error());
  if (!*version) return Fail(store.directory() + " holds no checkpoint");
  const auto number = ReadVersion(**version, store.directory());
  if (!number) return tl::unexpected(number.error());
  summary.version = *number;
  const auto identity = ReadIdentity(store);
  if (!identity) return tl::unexpected(identity.error());
  summary.sources = identity->sources;
  auto counted = store.ForEach("", [&](const StateRecord& record) -> Result<void> {
    summary.bytes += static_cast<std::int64_t>(record.key.size() + record.value.size());
    KeyReader key(record.key);
    const char kind = key.Tag();
    if (kind == 'm' && key.Tag() == 'a') ++summary.alerts;
    if (kind != 'i') return {};
    const std::string source(key.Name());
    const std::uint32_t shard = key.Number32();
    if (!summary.shards[{source, shard}].Add({std::string(key.rest()), record.value})) {
      return Fail(store.directory() + " is damaged: a record of source " + source + ", shard " +
                  std::to_string(shard) + " cannot be understood");
    }
    return {};
  });
  if (!counted) return tl::unexpected(counted.error());
  return summary;
}

}  // namespace guardwatch
