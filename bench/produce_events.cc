// Fills the topics that benchmarks read, with the events of bench/stream.h.
//
//   produce_events BROKERS EVENTS [--partitions=4] [--per-second=10000] [--label-every=10]
//                  [--units=8] [--cohorts=5x12x3] [--distinct=cohort|guardrail|model_version]
//                  [--rate=EVENTS_PER_SECOND]
//
// Every n-th score gets a label, half a minute of event time later. Without a rate the events are
// as if of a while ago, so that none is of the future; with one they are of now. Prints what a
// reader must find as JSON.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "base/hash.h"
#include "kafka/producer.h"
#include "net/clock.h"
#include "stream.h"

namespace guardwatch::bench {
namespace {

constexpr Duration kLabelDelay = std::chrono::seconds(30);

struct Arguments {
  std::string brokers;
  std::int64_t events = 0;
  int partitions = 4;
  double per_second = 10'000;
  std::int64_t label_every = 10;
  bool live = false;
  StreamOptions stream;
};

bool Read(int argc, char** argv, Arguments& out) {
  if (argc < 3) return false;
  out.brokers = argv[1];
  out.events = std::atoll(argv[2]);
  for (int i = 3; i < argc; ++i) {
    const std::string flag = argv[i];
    const std::size_t equals = flag.find('=');
    if (equals == std::string::npos) return false;
    const std::string name = flag.substr(0, equals);
    const std::string value = flag.substr(equals + 1);
    auto& values = out.stream.values;
    if (name == "--partitions") {
      out.partitions = std::stoi(value);
    } else if (name == "--per-second") {
      out.per_second = std::stod(value);
    } else if (name == "--label-every") {
      out.label_every = std::stoll(value);
    } else if (name == "--units") {
      out.stream.units = std::stoi(value);
    } else if (name == "--distinct") {
      const std::map<std::string, Distinct> fields{{"cohort", Distinct::kCohort},
                                                   {"guardrail", Distinct::kGuardrail},
                                                   {"model_version", Distinct::kModelVersion}};
      const auto field = fields.find(value);
      if (field == fields.end()) return false;
      out.stream.distinct = field->second;
    } else if (name == "--rate") {
      out.live = true;
      out.per_second = std::stod(value);
    } else if (name != "--cohorts" ||
               std::sscanf(value.c_str(), "%dx%dx%d", &values[0], &values[1], &values[2]) != 3) {
      return false;
    }
  }
  return true;
}

class Topics {
 public:
  Topics(const Arguments& arguments, KafkaProducer& producer)
      : arguments_(arguments), producer_(producer) {}

  Result<void> Produce(const char* topic, const Record& record) {
    // As a partitioner would: by the request, and the same for both topics.
    const auto partition = static_cast<std::int32_t>(
        Mix64(Fnv1a64(record.request_id)) % static_cast<std::uint64_t>(arguments_.partitions));
    bytes_ += static_cast<std::int64_t>(record.payload.size());
    return producer_.Produce(topic, partition, record.request_id, record.payload,
                             record.event.time);
  }
  std::int64_t bytes() const { return bytes_; }

 private:
  const Arguments& arguments_;
  KafkaProducer& producer_;
  std::int64_t bytes_ = 0;
};

Result<void> Fill(const Arguments& arguments, const EventStream& stream, Topics& topics) {
  const auto lag = static_cast<std::int64_t>(std::chrono::duration<double>(kLabelDelay).count() *
                                             arguments.per_second);
  Record record;
  for (std::int64_t n = 0; n < arguments.events + lag; ++n) {
    if (arguments.live && n < arguments.events) {
      const Duration early{Micros(stream.TimeOf(n)) - Micros(Now())};
      if (early > Duration{}) std::this_thread::sleep_for(early);
    }
    if (n < arguments.events) {
      stream.Combined(n, record);
      if (auto done = topics.Produce("guardrail.events", record); !done) return done;
    }
    const std::int64_t labeled = n - lag;
    const bool live_end = arguments.live && n >= arguments.events;
    if (labeled < 0 || labeled % arguments.label_every != 0 || live_end) continue;
    stream.Label(labeled, kLabelDelay, record);
    if (auto done = topics.Produce("guardrail.labels", record); !done) return done;
  }
  return {};
}

void Report(const Arguments& arguments, const EventStream& stream, std::int64_t bytes) {
  std::int64_t flagged = 0;
  for (std::int64_t n = 0; n < arguments.events; ++n) flagged += stream.FlaggedOf(n) ? 1 : 0;
  const std::int64_t labels =
      (arguments.events + arguments.label_every - 1) / arguments.label_every;
  std::cout << "{\"scored\": " << arguments.events << ", \"flagged\": " << flagged
            << ", \"labels\": " << labels << ", \"records\": " << arguments.events + labels
            << ", \"bytes\": " << bytes << "}\n";
}

int Run(Arguments arguments) {
  const auto length = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(static_cast<double>(arguments.events) / arguments.per_second));
  const EventTime now = EventTimeFromMicros(Micros(Now()));
  arguments.stream.per_second = arguments.per_second;
  arguments.stream.start = std::chrono::ceil<std::chrono::milliseconds>(
      arguments.live ? now : now - length - kLabelDelay);
  KafkaOptions kafka;
  kafka.brokers.push_back(arguments.brokers);
  const auto fail = [](const Error& error) {
    std::cerr << "produce_events: " << error.message << '\n';
    return 1;
  };
  for (const char* topic : {"guardrail.events", "guardrail.labels"}) {
    auto made = CreateTopic(kafka, topic, arguments.partitions, {{"retention.ms", "-1"}});
    if (!made) return fail(made.error());
  }
  auto producer = KafkaProducer::Create(kafka, [](int, std::string_view) {});
  if (!producer) return fail(producer.error());
  const EventStream stream(arguments.stream);
  Topics topics(arguments, **producer);
  if (auto filled = Fill(arguments, stream, topics); !filled) return fail(filled.error());
  if (auto flushed = (*producer)->Flush(std::chrono::minutes(5)); !flushed) {
    return fail(flushed.error());
  }
  Report(arguments, stream, topics.bytes());
  return 0;
}

}  // namespace
}  // namespace guardwatch::bench

int main(int argc, char** argv) {
  guardwatch::bench::Arguments arguments;
  if (!Read(argc, argv, arguments)) {
    std::cerr << "usage: produce_events BROKERS EVENTS [--partitions=N] [--per-second=N] "
                 "[--label-every=N] [--units=N] [--cohorts=AxBxC] [--distinct=FIELD] [--rate=N]\n";
    return 2;
  }
  return guardwatch::bench::Run(arguments);
}
