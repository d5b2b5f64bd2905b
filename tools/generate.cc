#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "base/rfc3339.h"
#include "commands.h"
#include "kafka/producer.h"
#include "net/clock.h"
#include "progress.h"
#include "source/generator.h"
#include "source/ndjson_writer.h"
#include "source/scenario.h"

namespace guardwatch {
namespace {

struct Arguments {
  std::string scenario;
  std::int64_t events = 100'000;
  std::uint64_t seed = 1;
  std::int32_t partitions = 4;
  std::int32_t label_partitions = 0;
  std::string directory;
  std::string brokers;
  std::string rate = "max";
  double density = 100;
  std::string start;
  std::string change_at;
  std::string recover_at;
  std::string label_delay = "30m";
  std::string label_lateness = "6h";
  std::string allowed_lateness = "60s";
  bool clean = false;
};

std::string StoryList() {
  std::string text = "Scenarios:\n";
  for (const ScenarioInfo& info : Scenarios()) {
    std::string name(info.name);
    name.resize(std::max<std::size_t>(name.size(), 20), ' ');
    text += "  " + name + std::string(info.story) + "\n";
  }
  return text;
}

Result<Duration> ReadDuration(const std::string& flag, const std::string& text) {
  const auto duration = ParseDuration(text);
  if (!duration) return Fail(flag + ": \"" + text + "\" is not a duration such as 90s or 10m");
  return *duration;
}

// Live streams go by the wall clock: `rate` events a second, each produced when its time has come.
Result<std::optional<double>> LiveRate(const std::string& rate) {
  if (rate == "max") return std::optional<double>();
  char* end = nullptr;
  const double value = std::strtod(rate.c_str(), &end);
  if (end != rate.c_str() + rate.size() || !(value > 0)) {
    return Fail("--rate: \"" + rate + "\" is neither max nor a number of events per second");
  }
  return std::optional(value);
}

Result<ScenarioOptions> ToOptions(const Arguments& flags, std::optional<double> live_rate) {
  ScenarioOptions options;
  const auto scenario = ScenarioFromName(flags.scenario);
  if (!scenario) {
    return Fail("--scenario: there is no scenario \"" + flags.scenario + "\"\n" + StoryList());
  }
  options.scenario = *scenario;
  options.seed = flags.seed;
  options.partitions = flags.partitions;
  options.label_partitions = flags.label_partitions > 0 ? flags.label_partitions : flags.partitions;
  options.events = flags.events;
  options.rate = live_rate.value_or(flags.density);
  if (flags.clean) options.imperfections = Imperfections::None();
  const std::pair<const std::string*, std::pair<const char*, std::function<void(Duration)>>>
      rows[] = {
          {&flags.change_at, {"--change-at", [&](Duration d) { options.change_after = d; }}},
          {&flags.recover_at, {"--recover-at", [&](Duration d) { options.recover_after = d; }}},
          {&flags.label_delay, {"--label-delay", [&](Duration d) { options.label_delay = d; }}},
          {&flags.label_lateness,
           {"--label-lateness", [&](Duration d) { options.label_lateness = d; }}},
          {&flags.allowed_lateness,
           {"--allowed-lateness", [&](Duration d) { options.allowed_lateness = d; }}}};
  for (const auto& [text, row] : rows) {
    if (text->empty()) continue;
    const auto duration = ReadDuration(row.first, *text);
    if (!duration) return tl::unexpected(duration.error());
    row.second(*duration);
  }
  if (!flags.start.empty()) {
    const auto start = ParseRfc3339(flags.start);
    if (!start) return Fail("--start: \"" + flags.start + "\" is not an RFC 3339 time");
    options.start = *start;
  } else if (live_rate) {
    options.start = EventTimeFromMicros(Micros(Now()));
  } else if (!flags.brokers.empty()) {
    // Record timestamps must not lie ahead of the broker's and the reader's clocks.
    const EventTime now = EventTimeFromMicros(Micros(Now()));
    options.start = now - StreamLength(options) - LongestDelay(options);
  }
  if (auto valid = Validate(options); !valid) return tl::unexpected(valid.error());
  return options;
}

using Write = std::function<Result<void>(const GeneratedRecord&)>;

Result<std::int64_t> Produce(const ScenarioOptions& options, bool live, const Write& write) {
  Generator generator(options);
  GeneratedRecord record;
  Progress progress("records");
  std::int64_t count = 0;
  while (generator.Next(record)) {
    if (live) {
      const Duration early{Micros(record.timestamp) - Micros(Now())};
      if (early > Duration{}) std::this_thread::sleep_for(early);
    }
    if (auto written = write(record); !written) return tl::unexpected(written.error());
    progress.Show(++count);
  }
  return count;
}

Result<std::int64_t> ToDirectory(const Arguments& flags, const ScenarioOptions& options,
                                 bool live) {
  auto writer = NdjsonWriter::Open(flags.directory);
  if (!writer) return tl::unexpected(writer.error());
  const auto count = Produce(options, live, [&](const GeneratedRecord& record) {
    return writer->Append({record.topic, record.partition}, record.payload);
  });
  if (!count) return count;
  if (auto closed = writer->Close(); !closed) return tl::unexpected(closed.error());
  return count;
}

Result<std::int64_t> ToKafka(const Arguments& flags, const ScenarioOptions& options, bool live) {
  KafkaOptions kafka;
  std::string brokers = flags.brokers;
  for (std::size_t comma; (comma = brokers.find(',')) != std::string::npos;) {
    kafka.brokers.push_back(brokers.substr(0, comma));
    brokers.erase(0, comma + 1);
  }
  kafka.brokers.push_back(brokers);
  for (const auto& [topic, partitions] :
       {std::pair{options.events_topic, options.partitions},
        std::pair{options.labels_topic, options.label_partitions}}) {
    if (auto made = CreateTopic(kafka, topic, partitions, {{"retention.ms", "-1"}}); !made) {
      return tl::unexpected(made.error());
    }
  }
  auto producer = KafkaProducer::Create(kafka, [](int level, std::string_view text) {
    if (level <= 4) std::cerr << "kafka: " << text << '\n';
  });
  if (!producer) return tl::unexpected(producer.error());
  const auto count = Produce(options, live, [&](const GeneratedRecord& record) {
    const bool tombstone = record.payload.empty();
    return (*producer)->Produce(record.topic, record.partition, record.key,
                                tombstone ? std::string_view() : std::string_view(record.payload),
                                record.timestamp);
  });
  if (!count) return count;
  if (auto flushed = (*producer)->Flush(std::chrono::minutes(2)); !flushed) {
    return tl::unexpected(flushed.error());
  }
  return count;
}

int Run(const Arguments& flags) {
  const auto fail = [](const Error& error, ExitCode code) {
    std::cerr << "guardwatchctl generate: " << error.message << '\n';
    return int{code};
  };
  const auto live_rate = LiveRate(flags.rate);
  if (!live_rate) return fail(live_rate.error(), kUsage);
  const auto options = ToOptions(flags, *live_rate);
  if (!options) return fail(options.error(), kUsage);
  const bool live = live_rate->has_value();
  const auto count =
      flags.brokers.empty() ? ToDirectory(flags, *options, live) : ToKafka(flags, *options, live);
  if (!count) return fail(count.error(), kFailed);
  std::cout << *count << " records, event time " << FormatRfc3339(options->start) << " to "
            << FormatRfc3339(options->start + StreamLength(*options)) << ", change at "
            << FormatRfc3339(options->start + ChangeAfter(*options)) << '\n';
  return kOk;
}

}  // namespace

Command AddGenerate(CLI::App& cli) {
  auto flags = std::make_shared<Arguments>();
  cli.add_option("--scenario", flags->scenario, "What happens; see below")->required();
  cli.add_option("--events", flags->events, "Scored events; labels come on top")
      ->capture_default_str();
  cli.add_option("--seed", flags->seed, "The same seed gives the same stream")
      ->capture_default_str();
  cli.add_option("--partitions", flags->partitions, "Of guardrail.events")->capture_default_str();
  cli.add_option("--label-partitions", flags->label_partitions,
                 "Of guardrail.labels (default: as many)");
  auto* directory = cli.add_option("--to-dir", flags->directory,
                                   "Write NDJSON files TOPIC-PARTITION.ndjson into this folder");
  auto* brokers = cli.add_option("--to-kafka", flags->brokers,
                                 "Write to these brokers (host:port,...); topics are created");
  directory->excludes(brokers);
  cli.add_option(
         "--rate", flags->rate,
         "Scored events per second by the wall clock, with event times of now; or max: as fast "
         "as possible, with event times of the past")
      ->capture_default_str();
  cli.add_option("--density", flags->density,
                 "With --rate max: scored events per second of event time")
      ->capture_default_str();
  cli.add_option("--start", flags->start, "Event time of the beginning, RFC 3339");
  cli.add_option("--change-at", flags->change_at, "When the change begins, from the start");
  cli.add_option("--recover-at", flags->recover_at, "When it ends (default: never)");
  cli.add_option("--label-delay", flags->label_delay, "Median delay of labels")
      ->capture_default_str();
  cli.add_option("--label-lateness", flags->label_lateness,
                 "What the reader is configured to allow")
      ->capture_default_str();
  cli.add_option("--allowed-lateness", flags->allowed_lateness,
                 "What the reader is configured to allow")
      ->capture_default_str();
  cli.add_flag("--clean", flags->clean,
               "No disorder, duplicates, corrections or malformed records");
  cli.footer(StoryList() +
             "\nExamples:\n"
             "  guardwatchctl generate --scenario calm --events 100000 --to-dir /tmp/logs\n"
             "  guardwatchctl generate --scenario band-widening --events 1000000 --rate 500 \\\n"
             "      --to-kafka localhost:9092");
  return [flags] {
    if (flags->directory.empty() && flags->brokers.empty()) {
      std::cerr << "guardwatchctl generate: give --to-dir FOLDER or --to-kafka BROKERS\n";
      return int{kUsage};
    }
    return Run(*flags);
  };
}

}  // namespace guardwatch
