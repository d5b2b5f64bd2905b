// The least that reading a topic costs: a bare librdkafka consumer that counts records and bytes,
// with the settings that a careful user would choose. What guardwatchd is compared with.
//
//   raw_consumer BROKERS RECORDS TOPIC...     reads every partition from its start to RECORDS in
//   all
//
// Prints records, bytes, CPU seconds of the process since the start, records per second of wall
// time since the first ones came, and peak memory as JSON.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

namespace {

constexpr std::size_t kBatch = 4096;
constexpr int kWaitMs = 20;

rd_kafka_t* MakeConsumer(const std::string& brokers) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"bootstrap.servers", brokers.c_str()},
           {"group.id", "raw-consumer"},
           {"auto.offset.reset", "earliest"},
           {"enable.auto.commit", "false"},
           {"enable.auto.offset.store", "false"},
           {"fetch.message.max.bytes", "1048576"},
           {"fetch.wait.max.ms", "100"},
           {"queued.max.messages.kbytes", "65536"},
           {"queued.min.messages", "1000000"}}) {
    if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK) {
      std::cerr << error.data() << '\n';
      std::exit(1);
    }
  }
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (client == nullptr) {
    std::cerr << error.data() << '\n';
    std::exit(1);
  }
  rd_kafka_poll_set_consumer(client);
  return client;
}

void AssignAll(rd_kafka_t* client, const std::vector<std::string>& topics) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client, 1, nullptr, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::cerr << "no metadata\n";
    std::exit(1);
  }
  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(16);
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (const std::string& wanted : topics) {
      if (wanted != topic.topic) continue;
      for (int p = 0; p < topic.partition_cnt; ++p) {
        rd_kafka_topic_partition_list_add(list, topic.topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
      }
    }
  }
  rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_metadata_destroy(metadata);
}

double CpuSeconds(const rusage& usage) {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: raw_consumer BROKERS RECORDS TOPIC...\n";
    return 2;
  }
  const std::int64_t wanted = std::atoll(argv[2]);
  rd_kafka_t* const client = MakeConsumer(argv[1]);
  AssignAll(client, std::vector<std::string>(argv + 3, argv + argc));
  rd_kafka_queue_t* const queue = rd_kafka_queue_get_consumer(client);
  std::vector<rd_kafka_message_t*> batch(kBatch);
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  std::int64_t first_records = 0;
  std::chrono::steady_clock::time_point first_came;
  while (records < wanted) {
    const auto count = rd_kafka_consume_batch_queue(queue, kWaitMs, batch.data(), kBatch);
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* const message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++records;
        bytes += static_cast<std::int64_t>(message->len);
      }
      rd_kafka_message_destroy(message);
    }
    if (first_records == 0 && records > 0) {
      first_records = records;
      first_came = std::chrono::steady_clock::now();
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - first_came;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::cout << "{\"records\": " << records << ", \"bytes\": " << bytes
            << ", \"cpu_seconds\": " << CpuSeconds(usage) << ", \"records_per_second\": "
            << static_cast<double>(records - first_records) / seconds.count()
            << ", \"peak_resident_bytes\": " << usage.ru_maxrss * 1024 << "}\n";
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  return 0;
}
