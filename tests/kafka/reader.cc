// kafka_reader BROKERS TOPIC PARTITIONS: reads a topic from its start as the daemon does, and
// writes what it sees as lines of JSON, records and changes of a log's state, until its input ends.

#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "base/json_writer.h"
#include "kafka/kafka_source.h"

namespace guardwatch {
namespace {

using State = std::tuple<bool, std::int64_t, bool>;  // Readable, resets, at the end.

bool InputEnded() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) > 0;
}

void WriteRecords(std::span<const Record> records) {
  for (const Record& record : records) {
    JsonWriter json;
    json.BeginObject().Field("log", std::int64_t{record.log}).Field("offset", record.offset);
    json.Field("payload", record.payload).EndObject();
    std::puts(json.text().c_str());
  }
}

void WriteChanges(std::span<const LogStatus> statuses, std::vector<State>& seen) {
  seen.resize(statuses.size());
  for (std::size_t log = 0; log < statuses.size(); ++log) {
    const LogStatus& status = statuses[log];
    const State state{status.readable, status.resets, status.next_offset == status.end_offset};
    if (std::exchange(seen[log], state) == state) continue;
    JsonWriter json;
    json.BeginObject().Field("log", static_cast<std::int64_t>(log));
    json.Field("readable", status.readable).Field("resets", status.resets);
    json.Field("at_end", std::get<2>(state)).Field("error", status.error).EndObject();
    std::puts(json.text().c_str());
  }
}

int Read(const std::string& brokers, const std::string& topic, int partitions) {
  KafkaOptions options;
  options.brokers = {brokers};
  options.properties["reconnect.backoff.max.ms"] = "500";
  options.start.from = StartPolicy::From::kEarliest;
  options.statistics_interval = std::chrono::milliseconds(200);
  std::vector<LogAssignment> logs;
  for (int partition = 0; partition < partitions; ++partition) {
    logs.push_back({{topic, partition}, LogAssignment::kStartFromConfig});
  }
  const auto source = KafkaSource::Create(options, std::move(logs), WallTime(), {});
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message.c_str());
    return EXIT_FAILURE;
  }
  std::vector<State> seen;
  while (!InputEnded()) {
    WriteRecords((*source)->Poll(std::chrono::milliseconds(50)));
    WriteChanges((*source)->Status(), seen);
    std::fflush(stdout);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace guardwatch

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  return guardwatch::Read(argv[1], argv[2], std::atoi(argv[3]));
}
