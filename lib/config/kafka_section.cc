#include <algorithm>
#include <array>

#include "base/duration.h"
#include "config/sections.h"
#include "config/suggest.h"

namespace guardwatch {
namespace {

struct OwnedProperty {
  std::string_view name;
  std::string_view hint;
};

// What our way of reading rests on: positions are kept in our own checkpoints and partitions are
// assigned, so these have one right value each, or a key of their own.
constexpr std::string_view kPositions = "positions are kept in guardwatch's own checkpoints";
constexpr std::string_view kAssigned = "guardwatch assigns partitions itself";
constexpr std::string_view kSet = "guardwatch sets it";
constexpr std::array<OwnedProperty, 19> kOwnedProperties{{
    {"auto.commit.enable", kPositions},
    {"auto.commit.interval.ms", kPositions},
    {"auto.offset.reset", "use 'start'"},
    {"bootstrap.servers", "use 'brokers'"},
    {"client.id", "use 'client_id'"},
    {"enable.auto.commit", kPositions},
    {"enable.auto.offset.store", kPositions},
    {"enable.partition.eof", kSet},
    {"enabled_events", kSet},
    {"group.id", "use 'group_id'"},
    {"group.instance.id", kAssigned},
    {"group.protocol", kAssigned},
    {"group.remote.assignor", kAssigned},
    {"log.queue", kSet},
    {"metadata.broker.list", "use 'brokers'"},
    {"offset.store.method", kPositions},
    {"opaque", kSet},
    {"partition.assignment.strategy", kAssigned},
    {"statistics.interval.ms", kSet},
}};

bool RefuseOwned(const std::string& name, const YamlValue& value) {
  const auto owned = std::find_if(kOwnedProperties.begin(), kOwnedProperties.end(),
                                  [&](const OwnedProperty& p) { return p.name == name; });
  if (owned == kOwnedProperties.end()) return false;
  value.Fail("this property cannot be set", std::string(owned->hint));
  return true;
}

void ReadProperties(YamlMap& map, KafkaConfig& kafka) {
  if (const auto properties = map.Find("properties")) {
    for (const auto& [name, value] : Entries(*properties)) {
      if (RefuseOwned(name, value)) continue;
      if (auto text = value.AnyText()) kafka.client.properties[name] = *std::move(text);
    }
  }
  if (const auto files = map.Find("properties_from_files")) {
    for (const auto& [name, value] : Entries(*files)) {
      if (RefuseOwned(name, value)) continue;
      if (kafka.client.properties.contains(name)) {
        value.Fail("the property is also set in properties", "keep one of them");
        continue;
      }
      if (auto path = value.FilePath()) kafka.secret_files[name] = *std::move(path);
    }
  }
}

std::optional<StartPolicy> ReadStart(const YamlValue& value) {
  const std::string& text = value.node().text;
  if (text == "earliest") return StartPolicy{StartPolicy::From::kEarliest, {}};
  if (text == "latest") return StartPolicy{StartPolicy::From::kLatest, {}};
  if (value.is_scalar()) {
    if (const auto back = ParseDuration(text)) return StartPolicy{StartPolicy::From::kBack, *back};
  }
  const std::vector<std::string> words{"earliest", "latest"};
  value.FailExpected("earliest, latest or how far back to start, as in 48h",
                     DidYouMean(text, words));
  return std::nullopt;
}

bool IsTopicName(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == name.npos;
}

// Nullopt if any of the kinds is wrong.
std::optional<CarriedKinds> ReadCarries(const YamlValue& value) {
  CarriedKinds carries{.scores = false, .decisions = false, .labels = false};
  const auto items = value.SomeItems("at least one of scores, decisions and labels");
  bool valid = !items.empty();
  for (const YamlValue& item : items) {
    const auto kind = item.Choice<bool CarriedKinds::*>({{"scores", &CarriedKinds::scores},
                                                         {"decisions", &CarriedKinds::decisions},
                                                         {"labels", &CarriedKinds::labels}});
    valid = valid && kind;
    if (kind) carries.*(*kind) = true;
  }
  if (!valid) return std::nullopt;
  return carries;
}

std::optional<TopicConfig> ReadTopic(const YamlValue& value) {
  std::optional<CarriedKinds> carries = CarriedKinds{};
  std::optional<YamlValue> name = value;
  if (!value.is_scalar()) {
    YamlMap map(value);
    name = map.Require("name");
    if (const auto kinds = map.Find("carries")) carries = ReadCarries(*kinds);
  }
  const auto text = name ? name->Text() : std::nullopt;
  if (!text || !carries) return std::nullopt;
  if (!IsTopicName(*text)) {
    name->FailExpected("a topic name", "up to 249 letters, digits, dots, underscores and hyphens");
    return std::nullopt;
  }
  return TopicConfig{.name = *text, .carries = *carries};
}

}  // namespace

std::vector<TopicConfig> ReadTopics(const YamlValue& value) {
  std::vector<TopicConfig> topics;
  bool all_read = true;
  for (const YamlValue& item : value.SomeItems("at least one topic")) {
    auto topic = ReadTopic(item);
    if (!topic) {
      all_read = false;
      continue;
    }
    const bool again = std::any_of(topics.begin(), topics.end(),
                                   [&](const TopicConfig& t) { return t.name == topic->name; });
    if (again) item.Fail("the topic '" + topic->name + "' is listed twice");
    topics.push_back(*std::move(topic));
  }
  const bool any_scores = std::any_of(topics.begin(), topics.end(), [](const TopicConfig& t) {
    return t.carries.scores || t.carries.decisions;
  });
  if (all_read && !topics.empty() && !any_scores) {
    value.Fail("no topic carries scores or decisions");
  }
  return topics;
}

KafkaConfig ReadKafka(const YamlValue& value) {
  KafkaConfig kafka;
  YamlMap map(value);
  if (const auto brokers = map.Require("brokers")) {
    for (const YamlValue& item : brokers->SomeItems("at least one broker")) {
      if (auto broker = ReadHostAndPort(item)) kafka.client.brokers.push_back(*std::move(broker));
    }
  }
  if (const auto topics = map.Require("topics")) kafka.topics = ReadTopics(*topics);
  map.Read("group_id", kafka.client.group_id);
  map.Read("client_id", kafka.client.client_id);
  ReadProperties(map, kafka);
  if (const auto start = map.Find("start")) {
    kafka.start_is_default = false;
    if (const auto policy = ReadStart(*start)) kafka.client.start = *policy;
  }
  return kafka;
}

}  // namespace guardwatch
