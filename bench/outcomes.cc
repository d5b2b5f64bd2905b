// The streams of the comparison for programs in other languages, one after the other, on standard
// output: a byte per outcome, or a float per label, the squared error of its score.
//
//   detection_outcomes STREAM CHANGE HEALTHY CHANGED TRIALS SEED
//
// Each trial is HEALTHY events without and CHANGED events with the change. Streams: rate, phi2,
// phi4, wander5, wander10, daily30 with rates as CHANGE ".02:.03"; calibration and ranking with
// none, slope, temperature, auc.

#include "outcomes.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "labelled.h"

namespace guardwatch {
namespace {

struct Question {
  std::string stream;
  std::string change;
  std::int64_t healthy = 0;
  std::int64_t changed = 0;
  int trials = 0;
  std::uint64_t seed = 0;
};

StreamOptions OptionsOf(const Question& question) {
  StreamOptions options;
  options.rate = std::atof(question.change.c_str());
  if (question.stream == "phi2") options.dispersion = 2;
  if (question.stream == "phi4") options.dispersion = 4;
  if (question.stream == "wander5") options.wander_sd = .05;
  if (question.stream == "wander10") options.wander_sd = .10;
  if (question.stream == "daily30") options.daily = .3;
  return options;
}

void WriteOutcomes(const Question& question) {
  const double after = std::atof(question.change.substr(question.change.find(':') + 1).c_str());
  std::vector<char> bytes(static_cast<std::size_t>(question.healthy + question.changed));
  for (int trial = 0; trial < question.trials; ++trial) {
    Outcomes outcomes(OptionsOf(question), question.seed * 7'919 + std::uint64_t(trial));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (std::int64_t(i) == question.healthy) outcomes.ChangeTo(after);
      bytes[i] = outcomes.Next() ? 1 : 0;
    }
    std::cout.write(bytes.data(), std::streamsize(bytes.size()));
  }
}

bool WriteLosses(const Question& question) {
  const std::map<std::string, LabelChange> changes{{"none", LabelChange::kNone},
                                                   {"slope", LabelChange::kSlope},
                                                   {"temperature", LabelChange::kTemperature},
                                                   {"auc", LabelChange::kAuc}};
  const auto change = changes.find(question.change);
  if (change == changes.end()) return false;
  std::vector<float> losses(static_cast<std::size_t>(question.healthy + question.changed));
  for (int trial = 0; trial < question.trials; ++trial) {
    LabelledStream stream(question.stream == "ranking",
                          question.seed * 7'919 + std::uint64_t(trial));
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const bool changed = std::int64_t(i) >= question.healthy;
      losses[i] = float(stream.Next(changed ? change->second : LabelChange::kNone).Brier());
    }
    std::cout.write(reinterpret_cast<const char*>(losses.data()),
                    std::streamsize(losses.size() * sizeof(float)));
  }
  return true;
}

int Main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: detection_outcomes STREAM CHANGE HEALTHY CHANGED TRIALS SEED\n";
    return 1;
  }
  const Question question{argv[1],
                          argv[2],
                          std::atoll(argv[3]),
                          std::atoll(argv[4]),
                          std::atoi(argv[5]),
                          std::strtoull(argv[6], nullptr, 10)};
  if (question.stream == "calibration" || question.stream == "ranking") {
    return WriteLosses(question) ? 0 : 1;
  }
  WriteOutcomes(question);
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace guardwatch

int main(int argc, char** argv) { return guardwatch::Main(argc, argv); }
