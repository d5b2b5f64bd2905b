// Records of durable state: whatever bytes stand in one, it is taken or refused. The first byte
// says whose record it is, the second how long its key is.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "ingest/shard.h"
#include "monitor/monitor.h"
#include "window/aggregate_record.h"

namespace guardwatch {
namespace {

void RunShard(const StateRecord& record) {
  SourceOptions source;
  source.name = "s";
  Shard shard(source, 0, 0, {}, HashSeed{1, 2});
  if (!shard.Load(record)) return;
  shard.Loaded();
  (void)shard.PositionOf("t", 0);
}

void RunMonitor(const StateRecord& record) {
  MonitorOptions options;
  MonitoredSource source;
  source.name = "s";
  options.sources = {source};
  Monitor monitor(options);
  (void)monitor.Load(record);
}

// What was read is written and read back the same.
void RunAggregate(std::string_view bytes) {
  ByteReader in(bytes);
  const Aggregate aggregate = ReadAggregate(in);
  if (in.bad()) return;
  ByteWriter out;
  WriteAggregate(out, aggregate);
  ByteReader again(out.bytes());
  GUARDWATCH_CHECK(ReadAggregate(again) == aggregate && again.done());
}

}  // namespace
}  // namespace guardwatch

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::string_view key = bytes.substr(0, data[1] % 32);
  const guardwatch::StateRecord record{std::string(key), std::string(bytes.substr(key.size()))};
  switch (data[0] % 3) {
    case 0:
      guardwatch::RunShard(record);
      break;
    case 1:
      guardwatch::RunMonitor(record);
      break;
    default:
      guardwatch::RunAggregate(bytes);
  }
  return 0;
}
