#include "kafka/handle.h"

#include <algorithm>
#include <array>
#include <limits>

#include "kafka/properties.h"

namespace guardwatch {
namespace {

constexpr std::size_t kErrorTextSize = 512;

ClientCallbacks& CallbacksOf(const rd_kafka_t* client) noexcept {
  return *static_cast<ClientCallbacks*>(rd_kafka_opaque(client));
}

void OnLog(const rd_kafka_t* client, int level, const char* facility, const char* text) noexcept {
  const ClientCallbacks& callbacks = CallbacksOf(client);
  if (callbacks.log) callbacks.log(level, std::string(facility) + ": " + text);
}

void OnError(rd_kafka_t*, int code, const char* reason, void* opaque) noexcept {
  const auto& callbacks = *static_cast<ClientCallbacks*>(opaque);
  if (callbacks.error) callbacks.error(static_cast<rd_kafka_resp_err_t>(code), reason);
}

int OnStatistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) noexcept {
  const auto& callbacks = *static_cast<ClientCallbacks*>(opaque);
  if (callbacks.statistics) callbacks.statistics({json, size});
  return 0;  // librdkafka keeps the text and frees it.
}

void OnCommitted(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t*,
                 void* opaque) noexcept {
  const auto& callbacks = *static_cast<ClientCallbacks*>(opaque);
  if (callbacks.committed) callbacks.committed(code);
}

void OnDelivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) noexcept {
  const auto& callbacks = *static_cast<ClientCallbacks*>(opaque);
  if (callbacks.delivered) callbacks.delivered(*message);
}

std::string Join(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += ',';
    joined += part;
  }
  return joined;
}

Result<void> Set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, kErrorTextSize> text{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), text.data(), text.size()) ==
      RD_KAFKA_CONF_OK) {
    return {};
  }
  // librdkafka quotes the value that it refuses.
  if (IsSecretProperty(name)) return Fail("kafka property " + name + ": the value is refused");
  return Fail("kafka property " + name + ": " + text.data());
}

bool IsRetryable(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<ConfHandle> MakeConf(const KafkaOptions& options, std::span<const Setting> defaults,
                            std::span<const Setting> owned) {
  if (options.brokers.empty()) return Fail("kafka: no brokers are given");
  ConfHandle conf(rd_kafka_conf_new());
  std::vector<Setting> settings(defaults.begin(), defaults.end());
  for (const auto& [name, value] : options.properties) {
    if (IsOwnedProperty(name)) {
      return Fail("kafka property " + name + " is set by guardwatch and cannot be changed");
    }
    settings.push_back({name, value});
  }
  settings.insert(settings.end(), owned.begin(), owned.end());
  settings.push_back({"bootstrap.servers", Join(options.brokers)});
  settings.push_back({"client.id", options.client_id});
  for (const auto& [name, value] : settings) {
    if (auto set = Set(*conf, name, value); !set) return tl::unexpected(set.error());
  }
  return conf;
}

Result<ClientHandle> MakeClient(rd_kafka_type_t type, ConfHandle conf, ClientCallbacks& callbacks) {
  rd_kafka_conf_set_opaque(conf.get(), &callbacks);
  rd_kafka_conf_set_log_cb(conf.get(), &OnLog);
  rd_kafka_conf_set_error_cb(conf.get(), &OnError);
  rd_kafka_conf_set_stats_cb(conf.get(), &OnStatistics);
  if (type == RD_KAFKA_CONSUMER) {
    rd_kafka_conf_set_offset_commit_cb(conf.get(), &OnCommitted);
  } else {
    rd_kafka_conf_set_dr_msg_cb(conf.get(), &OnDelivered);
  }
  std::array<char, kErrorTextSize> text{};
  ClientHandle client(rd_kafka_new(type, conf.get(), text.data(), text.size()));
  if (!client) return Fail(std::string("kafka: ") + text.data());
  static_cast<void>(conf.release());  // Only a client that came to be owns its configuration.
  return client;
}

void MessageBatch::Release() {
  for (rd_kafka_message_t* message : messages()) rd_kafka_message_destroy(message);
  count_ = 0;
}

void MessageBatch::Fill(rd_kafka_queue_t& queue, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kNoWait{0};
  Consume(queue, kNoWait, slots_.size());
  if (count_ > 0 || wait <= kNoWait) return;
  // A call with a wait ends when it has all that it asked for, so it asks for one.
  Consume(queue, wait, 1);
  if (count_ > 0) Consume(queue, kNoWait, slots_.size() - count_);
}

void MessageBatch::Consume(rd_kafka_queue_t& queue, std::chrono::milliseconds wait,
                           std::size_t limit) {
  const auto consumed =
      rd_kafka_consume_batch_queue(&queue, TimeoutMs(wait), slots_.data() + count_, limit);
  if (consumed > 0) count_ += static_cast<std::size_t>(consumed);
}

Error KafkaError(std::string_view what, rd_kafka_resp_err_t code) {
  return {std::string(what) + ": " + rd_kafka_err2str(code), IsRetryable(code)};
}

int TimeoutMs(std::chrono::milliseconds wait) {
  constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, kLongest));
}

}  // namespace guardwatch
