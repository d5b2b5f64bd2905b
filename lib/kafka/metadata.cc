#include "kafka/metadata.h"

#include <array>

#include "kafka/handle.h"

namespace guardwatch {
namespace {

Result<int> CountPartitions(rd_kafka_t& client, const std::string& topic,
                            std::chrono::milliseconds timeout) {
  const TopicHandle handle(rd_kafka_topic_new(&client, topic.c_str(), nullptr));
  if (!handle) return Fail("kafka: \"" + topic + "\" cannot be the name of a topic");
  const rd_kafka_metadata_t* answer = nullptr;
  const auto error = rd_kafka_metadata(&client, 0, handle.get(), &answer, TimeoutMs(timeout));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return tl::unexpected(KafkaError("kafka: cannot list the partitions of topic " + topic, error));
  }
  const MetadataHandle metadata(answer);
  if (metadata->topic_cnt != 1) return 0;
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  switch (found.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return found.partition_cnt;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return 0;
    default:
      return tl::unexpected(
          KafkaError("kafka: cannot list the partitions of topic " + topic, found.err));
  }
}

}  // namespace

Result<std::map<std::string, int>> PartitionCounts(const KafkaOptions& options,
                                                   std::span<const std::string> topics,
                                                   std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  // As a consumer, and saying so: asking for a topic must not create it.
  const std::array owned{Setting{"allow.auto.create.topics", "false"}};
  auto conf = MakeConf(options, {}, owned);
  if (!conf) return tl::unexpected(conf.error());
  std::string connection_error;
  ClientCallbacks callbacks;
  callbacks.error = [&](rd_kafka_resp_err_t code, std::string_view reason) {
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) connection_error = reason;
  };
  auto client = MakeClient(RD_KAFKA_CONSUMER, std::move(*conf), callbacks);
  if (!client) return tl::unexpected(client.error());

  std::map<std::string, int> counts;
  for (const std::string& topic : topics) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    auto count = CountPartitions(**client, topic, left);
    if (!count) {
      rd_kafka_poll(client->get(), 0);  // Hears what the connection had to say.
      if (!connection_error.empty()) count.error().message += " (" + connection_error + ")";
      return tl::unexpected(count.error());
    }
    counts[topic] = *count;
  }
  return counts;
}

}  // namespace guardwatch
