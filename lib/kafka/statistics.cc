#include "kafka/statistics.h"

#include <algorithm>
#include <charconv>

namespace guardwatch {
namespace {

// Walks one JSON document of librdkafka's own making: every form of JSON but escapes in the strings
// that are asked for, since no name in Kafka needs any.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view json) : rest_(json) {}

  bool ok() const { return ok_; }

  // Calls `member(key)` for each member; it has to consume the value.
  template <class Member>
  void Object(Member member) {
    Expect('{');
    if (Accept('}')) return;
    do {
      const std::string_view key = String();
      Expect(':');
      if (!ok_) return;
      member(key);
    } while (Accept(','));
    Expect('}');
  }

  std::string_view String() {
    Expect('"');
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return Broken();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  template <class T>
  T Integer() {
    T value = 0;
    const std::string_view text = Scalar();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) ok_ = false;
    return value;
  }

  bool Boolean() {
    const std::string_view text = Scalar();
    if (text != "true" && text != "false") ok_ = false;
    return text == "true";
  }

  // Passes over one value of any kind.
  void Skip() {
    SkipBlanks();
    if (rest_.starts_with('{')) {
      Object([this](std::string_view) { Skip(); });
    } else if (Accept('[')) {
      if (Accept(']')) return;
      do Skip();
      while (ok_ && Accept(','));
      Expect(']');
    } else if (rest_.starts_with('"')) {
      String();
    } else {
      Scalar();
    }
  }

 private:
  void SkipBlanks() {
    const std::size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
  }

  bool Accept(char c) {
    SkipBlanks();
    if (!ok_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void Expect(char c) {
    if (!Accept(c)) ok_ = false;
  }

  std::string_view Scalar() {
    SkipBlanks();
    const std::size_t end = std::min(rest_.find_first_of(",}] \t\r\n"), rest_.size());
    if (end == 0) return Broken();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  std::string_view Broken() {
    ok_ = false;
    return {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

// Well below the time after which a log counts as idle, and far above what an answer takes.
constexpr std::chrono::seconds kLongestSilence{20};

// Connected, and connected while learning what the broker can do.
bool IsUpState(std::string_view state) { return state == "UP" || state == "UPDATE"; }

void ReadBroker(JsonWalker& json, KafkaStatistics& statistics) {
  std::int32_t id = -1;
  bool logical = false;
  KafkaStatistics::Broker broker;
  json.Object([&](std::string_view key) {
    if (key == "nodeid") {
      id = json.Integer<std::int32_t>();
    } else if (key == "source") {
      logical = json.String() == "logical";
    } else if (key == "state") {
      broker.state = json.String();
    } else if (key == "waitresp_cnt") {
      broker.waiting = json.Integer<std::int64_t>() > 0;
    } else if (key == "rxidle") {
      broker.silent_for = std::chrono::microseconds(json.Integer<std::int64_t>());
    } else {
      json.Skip();
    }
  });
  // Bootstrap addresses have no id; the same broker is listed again under its own. The group's
  // coordinator has that of a broker, and a connection to it that nothing is read over.
  if (id >= 0 && !logical) statistics.brokers[id] = std::move(broker);
}

KafkaStatistics::Partition ReadPartition(JsonWalker& json) {
  KafkaStatistics::Partition partition;
  json.Object([&](std::string_view key) {
    if (key == "broker") {
      partition.broker = json.Integer<std::int32_t>();
    } else if (key == "unknown") {
      partition.unknown = json.Boolean();
    } else if (key == "fetch_state") {
      partition.fetch_state = json.String();
    } else if (key == "ls_offset") {
      partition.stable_offset = json.Integer<std::int64_t>();
    } else if (key == "hi_offset") {
      partition.end_offset = json.Integer<std::int64_t>();
    } else {
      json.Skip();
    }
  });
  return partition;
}

void ReadTopic(JsonWalker& json, std::string_view topic, KafkaStatistics& statistics) {
  json.Object([&](std::string_view key) {
    if (key != "partitions") return json.Skip();
    json.Object([&](std::string_view number) {
      LogName name{std::string(topic), -1};
      std::from_chars(number.data(), number.data() + number.size(), name.partition);
      statistics.partitions[name] = ReadPartition(json);
    });
  });
}

}  // namespace

bool KafkaStatistics::IsUp(std::int32_t broker) const {
  const auto found = brokers.find(broker);
  return found != brokers.end() && IsUpState(found->second.state);
}

bool KafkaStatistics::Answers(std::int32_t broker) const {
  const auto found = brokers.find(broker);
  return found != brokers.end() &&
         !(found->second.waiting && found->second.silent_for >= kLongestSilence);
}

bool KafkaStatistics::AnyUp() const {
  return std::any_of(brokers.begin(), brokers.end(),
                     [](const auto& broker) { return IsUpState(broker.second.state); });
}

std::optional<KafkaStatistics> ParseKafkaStatistics(std::string_view text) {
  KafkaStatistics statistics;
  JsonWalker json(text);
  json.Object([&](std::string_view key) {
    if (key == "brokers") {
      json.Object([&](std::string_view) { ReadBroker(json, statistics); });
    } else if (key == "topics") {
      json.Object([&](std::string_view topic) { ReadTopic(json, topic, statistics); });
    } else {
      json.Skip();
    }
  });
  if (!json.ok()) return std::nullopt;
  return statistics;
}

}  // namespace guardwatch
