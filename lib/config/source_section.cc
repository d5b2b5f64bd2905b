#include <algorithm>

#include "config/sections.h"

namespace guardwatch {
namespace {

constexpr std::size_t kLongestSourceName = 128;

FileConfig ReadFiles(const YamlValue& value) {
  FileConfig files;
  YamlMap map(value);
  map.ReadPath("directory", files.directory);
  if (const auto paths = map.Find("paths")) {
    for (const YamlValue& item : paths->SomeItems("at least one file")) {
      if (auto path = item.FilePath()) files.paths.push_back(*std::move(path));
    }
  }
  if (map.Has("directory") == map.Has("paths")) map.Fail("expected either 'directory' or 'paths'");
  if (const auto topics = map.Require("topics")) files.topics = ReadTopics(*topics);
  return files;
}

DemoOptions ReadDemo(const YamlValue& value) {
  DemoOptions demo;
  YamlMap map(value);
  map.Read("scenario", demo.scenario);
  std::int64_t seed = static_cast<std::int64_t>(demo.seed);
  map.Read("seed", seed, {0, std::numeric_limits<std::int64_t>::max()});
  demo.seed = static_cast<std::uint64_t>(seed);
  map.Read("speed", demo.speed, Range<double>{1, 3600});
  map.Read("rate", demo.rate, Range<double>{0, 1e6, true});
  return demo;
}

void ReadKind(YamlMap& map, SourceConfig& source) {
  if (const auto kafka = map.Find("kafka")) source.kafka = ReadKafka(*kafka);
  if (const auto files = map.Find("files")) source.files = ReadFiles(*files);
  if (const auto demo = map.Find("demo")) source.demo = ReadDemo(*demo);
  const int kinds = int{map.Has("kafka")} + int{map.Has("files")} + int{map.Has("demo")};
  if (kinds != 1) map.Fail("expected exactly one of 'kafka', 'files' and 'demo'");
}

SourceConfig ReadSource(const YamlValue& value, const SourceOptions& defaults) {
  SourceConfig source;
  source.ingest = defaults;
  YamlMap map(value);
  if (const auto name = map.Require("name")) {
    if (auto text = name->Text()) source.ingest.name = *std::move(text);
    if (source.ingest.name.size() > kLongestSourceName) {
      name->FailExpected("a name of at most " + std::to_string(kLongestSourceName) + " bytes");
    }
  }
  ReadKind(map, source);
  ReadSourceLimits(map, source.ingest);
  map.Read("label_partitioning", source.ingest.labels_follow_scores,
           {{"any", false}, {"same_as_scores", true}});
  return source;
}

}  // namespace

std::vector<SourceConfig> ReadSources(const YamlValue& value, const SourceOptions& defaults) {
  std::vector<SourceConfig> sources;
  for (const YamlValue& item : value.SomeItems("at least one source")) {
    SourceConfig source = ReadSource(item, defaults);
    const std::string& name = source.ingest.name;
    const bool again = std::any_of(sources.begin(), sources.end(), [&](const SourceConfig& other) {
      return !name.empty() && other.ingest.name == name;
    });
    if (again) item.Fail("a source named '" + name + "' comes before", "names must differ");
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace guardwatch
