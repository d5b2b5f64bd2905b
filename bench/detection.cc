// Measures what the drift detector promises, on seeded months of made-up traffic: false alarms and
// delays, beside detectors in wide use that are set to the same number of false alarms.
//
//   detection_bench [--json FILE] [--months N] [--seed S]

#include "detection.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>

#include "outcomes.h"
#include "peers.h"

namespace guardwatch {
namespace {

constexpr double kEventsPerMonth = 2.592e8;  // 100 a second.
constexpr double kBudget = 30;               // Per 30 days: large enough to count alarms.
constexpr std::int64_t kPanesPerDay = 8640;
constexpr int kDelayTrials = 200;
constexpr std::int64_t kHealthyEvents = 200'000;  // Before each change.

struct Arguments {
  std::string json;
  int months = 30;
  std::uint64_t seed = 1;
};

struct NamedStream {
  std::string name;
  StreamOptions options;
};

StreamOptions Stream(double rate, double dispersion = 1, double wander = 0, double daily = 0) {
  StreamOptions options;
  options.rate = rate;
  options.dispersion = dispersion;
  options.wander_sd = wander;
  options.daily = daily;
  return options;
}

std::vector<double> Changes(double rate) {
  return rate == .002 ? std::vector<double>{.004} : std::vector<double>{.03, .06, .01};
}

void MeasurePromises(const Arguments& arguments, DetectionResults& results) {
  struct Case {
    const char* name;
    StreamOptions stream;
    SlotScheme slots;
  };
  const Case cases[] = {
      {"independent", Stream(.02), SlotScheme::kConstant},
      {"independent", Stream(.002), SlotScheme::kConstant},
      {"phi 2", Stream(.02, 2), SlotScheme::kConstant},
      {"phi 4", Stream(.02, 4), SlotScheme::kConstant},
      {"wander 5 %", Stream(.02, 1, .05), SlotScheme::kConstant},
      {"wander 10 %", Stream(.02, 1, .10), SlotScheme::kConstant},
      {"daily 30 %", Stream(.02, 1, 0, .3), SlotScheme::kConstant},
      {"daily 30 %, hourly slots", Stream(.02, 1, 0, .3), SlotScheme::kHourOfDay}};
  for (const Case& row : cases) {
    std::cerr << "promise: " << row.name << ", rate " << row.stream.rate << '\n';
    TrialOptions options;
    options.stream = row.stream;
    options.detector.false_alarms_per_30d = kBudget;
    options.detector.slots = row.slots;
    options.runs = arguments.months;
    options.seed = arguments.seed;
    options.changed_rates = Changes(row.stream.rate);
    if (row.stream.daily > 0) options.reference_panes = 7 * kPanesPerDay;
    results.promises.push_back({row.name, options, RunTrials(options)});
  }
}

// A fresh detector, as a function of one outcome.
using MakeDetector = std::function<std::function<bool(bool)>()>;

template <class Detector>
MakeDetector Make(Detector detector) {
  return [detector] { return [copy = detector](bool x) mutable { return copy.Add(x); }; };
}

std::int64_t CountAlarms(const MakeDetector& make, const StreamOptions& stream, double events,
                         std::uint64_t seed) {
  Outcomes outcomes(stream, seed);
  const auto add = make();
  std::int64_t alarms = 0;
  for (auto left = static_cast<std::int64_t>(events); left > 0; --left)
    alarms += add(outcomes.Next()) ? 1 : 0;
  return alarms;
}

// After healthy events without an alarm; a trial with one is drawn again.
DelayTrials MeasureDelay(const MakeDetector& make, const StreamOptions& stream, double rate,
                         std::uint64_t seed) {
  const auto longest = static_cast<std::int64_t>(20'000 / stream.rate);
  DelayTrials trials{rate, {}, 0, {}};
  for (std::uint64_t draw = 0; int(trials.delays.size()) + trials.missed < kDelayTrials; ++draw) {
    Outcomes outcomes(stream, seed * 7'919 + draw);
    const auto add = make();
    bool healthy = true;
    for (std::int64_t i = 0; i < kHealthyEvents; ++i) healthy = !add(outcomes.Next()) && healthy;
    if (!healthy) continue;
    outcomes.ChangeTo(rate);
    std::int64_t delay = 1;
    while (delay <= longest && !add(outcomes.Next())) ++delay;
    if (delay <= longest) {
      trials.delays.push_back(delay);
    } else {
      ++trials.missed;
    }
  }
  std::sort(trials.delays.begin(), trials.delays.end());
  return trials;
}

struct Peer {
  std::string name;
  std::string setting;
  MakeDetector make;
};

// Settings with about 30 false alarms in 30 days of independent outcomes, found by trying.
std::vector<Peer> Peers(double rate) {
  if (rate == .002) {
    return {{"Page-Hinkley", "delta .001, lambda 11", Make(PageHinkley(.001, 11))},
            {"ADWIN", "delta .01", Make(Adwin(.01))},
            {"DDM", "level 2.45", Make(Ddm(2.45))}};
  }
  return {{"Page-Hinkley", "delta .005, lambda 22", Make(PageHinkley(.005, 22))},
          {"ADWIN", "delta .0035", Make(Adwin(.0035))},
          {"DDM", "level 2.5", Make(Ddm(2.5))}};
}

// guardwatch's detector with a threshold found by trying, as the others' settings are.
PeerRow MeasureTuned(const Arguments& arguments, double rate, double threshold) {
  TrialOptions options;
  options.stream = Stream(rate);
  options.detector.fixed_threshold = threshold;
  options.runs = 20;
  options.seed = arguments.seed;
  const TrialResult healthy = RunTrials(options);
  options.healthy_panes = kHealthyEvents / 1000;
  options.runs = kDelayTrials;
  options.changed_rates = Changes(rate);
  PeerRow row{"guardwatch",
              "threshold " + std::to_string(int(threshold)),
              "independent",
              rate,
              healthy.false_alarms,
              20,
              RunTrials(options).delays};
  for (DelayTrials& trials : row.delays) {
    for (std::int64_t& delay : trials.delays) delay *= 1000;
  }
  return row;
}

void MeasurePeers(const Arguments& arguments, DetectionResults& results) {
  constexpr double kMonths = 1;
  for (const double rate : {.02, .002}) {
    results.independent.push_back(MeasureTuned(arguments, rate, rate == .002 ? 210 : 43));
    for (const Peer& peer : Peers(rate)) {
      std::cerr << "comparison: " << peer.name << ", rate " << rate << '\n';
      const StreamOptions stream = Stream(rate);
      PeerRow row{peer.name, peer.setting, "independent", rate, 0, kMonths, {}};
      row.false_alarms = CountAlarms(peer.make, stream, kMonths * kEventsPerMonth, arguments.seed);
      for (const double changed : Changes(rate)) {
        row.delays.push_back(MeasureDelay(peer.make, stream, changed, arguments.seed));
      }
      results.independent.push_back(row);
    }
  }
}

void MeasureDependent(const Arguments& arguments, DetectionResults& results) {
  constexpr double kMonths = 1.0 / 6;
  const NamedStream streams[] = {{"phi 2", Stream(.02, 2)},
                                 {"phi 4", Stream(.02, 4)},
                                 {"wander 5 %", Stream(.02, 1, .05)},
                                 {"wander 10 %", Stream(.02, 1, .10)},
                                 {"daily 30 %", Stream(.02, 1, 0, .3)}};
  for (const Peer& peer : Peers(.02)) {
    for (const NamedStream& stream : streams) {
      std::cerr << "dependent: " << peer.name << ", " << stream.name << '\n';
      results.dependent.push_back(
          {peer.name,
           peer.setting,
           stream.name,
           .02,
           CountAlarms(peer.make, stream.options, kMonths * kEventsPerMonth, arguments.seed),
           kMonths,
           {}});
    }
  }
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--json") == 0) {
      arguments.json = argv[i + 1];
    } else if (std::strcmp(argv[i], "--months") == 0) {
      arguments.months = std::atoi(argv[i + 1]);
    } else if (std::strcmp(argv[i], "--seed") == 0) {
      arguments.seed = std::strtoull(argv[i + 1], nullptr, 10);
    } else {
      return false;
    }
  }
  return argc % 2 == 1 && arguments.months > 0;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    std::cerr << "usage: detection_bench [--json FILE] [--months N] [--seed S]\n";
    return 1;
  }
  DetectionResults results;
  results.seed = arguments.seed;
  MeasurePromises(arguments, results);
  MeasurePeers(arguments, results);
  MeasureDependent(arguments, results);
  std::cout << DetectionTable(results);
  if (arguments.json.empty()) return 0;
  std::ofstream file(arguments.json);
  file << DetectionJson(results);
  return file.flush() ? 0 : 1;
}

}  // namespace
}  // namespace guardwatch

int main(int argc, char** argv) { return guardwatch::Main(argc, argv); }
