#include "kafka/kafka_source.h"

#include <utility>

#include "kafka/consumer.h"

namespace guardwatch {

KafkaSource::KafkaSource(std::unique_ptr<KafkaConsumer> consumer)
    : consumer_(std::move(consumer)) {}
KafkaSource::~KafkaSource() = default;

Result<std::unique_ptr<KafkaSource>> KafkaSource::Create(const KafkaOptions& options,
                                                         std::vector<LogAssignment> assignments,
                                                         WallTime now, KafkaLog log) {
  auto consumer = std::make_unique<KafkaConsumer>(options, now, std::move(log));
  if (auto connected = consumer->Connect(options); !connected) {
    return tl::unexpected(connected.error());
  }
  if (auto assigned = consumer->Assign(assignments); !assigned) {
    return tl::unexpected(assigned.error());
  }
  return std::unique_ptr<KafkaSource>(new KafkaSource(std::move(consumer)));
}

std::span<const Record> KafkaSource::Poll(std::chrono::milliseconds wait) {
  return consumer_->Poll(wait);
}

std::span<const LogStatus> KafkaSource::Status() { return consumer_->Status(); }

Result<void> KafkaSource::Assign(std::vector<LogAssignment> more) {
  return consumer_->Assign(more);
}

void KafkaSource::Commit(std::span<const std::int64_t> next_offsets) {
  consumer_->Commit(next_offsets);
}

}  // namespace guardwatch
