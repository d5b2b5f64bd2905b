#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace guardwatch {

enum class Scenario : std::uint8_t {
  kCalm,
  kCalibrationDrift,
  kBandWidening,
  kCohortRegression,
  kScoreShift,
  kThresholdMoved,
  kLabelOutage,
};

struct ScenarioInfo {
  Scenario scenario = Scenario::kCalm;
  std::string_view name;
  std::string_view story;  // One sentence: what goes wrong.
};

// All scenarios, in the order in which a help text lists them.
std::vector<ScenarioInfo> Scenarios();
std::optional<Scenario> ScenarioFromName(std::string_view name);

// What real streams do to their readers. Each is a share in [0, 1] of what its comment names.
struct Imperfections {
  double out_of_order = 0.02;  // Of all records: held up, but within the allowed lateness.
  double late = 0.001;         // Of all records: held up beyond it.
  double duplicates = 0.005;   // Of all records: delivered once more.
  double corrections = 0.02;   // Of labels: wrong at first, then corrected with revision 1.
  double retractions = 0.005;  // Of labels: taken back with null.
  double malformed = 0.0005;   // Extra records per request that no reader can accept.
  double missing_ids = 0.002;  // Of scored events: without request_id, so that nothing joins.
  double errors = 0.003;       // Of guardrail calls: verdict `error`, half of them without score.
  double lost_decisions = 0.005;  // Of scores that wait for a decision event: it never comes.

  static Imperfections None() { return {0, 0, 0, 0, 0, 0, 0, 0, 0}; }
};

struct ScenarioOptions {
  Scenario scenario = Scenario::kCalm;
  std::uint64_t seed = 1;
  std::int32_t partitions = 4;
  std::int32_t label_partitions = 4;
  EventTime start = EventTimeFromMicros(1'767'225'600'000'000);  // 2026-01-01T00:00:00Z
  std::optional<std::int64_t> events;  // Scored events; labels, decisions and copies come on top.
  double rate = 100;                   // Scored events per second of event time, 0.001 to 1e6.

  // When the change begins and ends, from the start. Nullopt: halfway through a bounded stream (10
  // minutes into an endless one), and never.
  std::optional<Duration> change_after;
  std::optional<Duration> recover_after;

  double reviewed_suspects =
      0.5;                      // Review probability of what was flagged or nearly so, in (0, 1].
  double reviewed_rest = 0.05;  // Of everything else, in (0, 1].
  Duration label_delay = std::chrono::minutes(30);  // Median from score to label; see LongestDelay.
  Duration allowed_lateness = std::chrono::seconds(60);  // What the reader is configured to allow.
  Duration label_lateness = std::chrono::hours(6);
  Imperfections imperfections;
  std::string events_topic = "guardrail.events";
  std::string labels_topic = "guardrail.labels";
};

// Says what is out of range, by the name of the field.
Result<void> Validate(const ScenarioOptions& options);

// The event time that a bounded stream covers, without its trailing labels; zero for an endless
// one.
Duration StreamLength(const ScenarioOptions& options);

// No record's timestamp is further than this behind the moment its request was scored. A stream
// that must lie in the past as a whole starts StreamLength + LongestDelay ago.
Duration LongestDelay(const ScenarioOptions& options);

// When the change begins, from the start of the stream.
Duration ChangeAfter(const ScenarioOptions& options);

}  // namespace guardwatch
