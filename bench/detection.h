#pragma once

#include <string>
#include <vector>

#include "simulate_trials.h"

namespace guardwatch {

// The detector against its promise on one kind of stream.
struct PromiseRow {
  std::string stream;
  TrialOptions options;
  TrialResult result;
};

// One detector at one setting on one kind of stream.
struct PeerRow {
  std::string detector;
  std::string setting;
  std::string stream;
  double rate = 0;
  std::int64_t false_alarms = 0;
  double months = 0;
  std::vector<DelayTrials> delays;  // In events here.
};

struct DetectionResults {
  std::uint64_t seed = 1;
  std::vector<PromiseRow> promises;
  std::vector<PeerRow> independent;  // All detectors at about the same rate of false alarms.
  std::vector<PeerRow> dependent;    // The same settings on streams that are not independent.
};

std::string DetectionTable(const DetectionResults& results);
std::string DetectionJson(const DetectionResults& results);

}  // namespace guardwatch
