#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace guardwatch {

struct DetectionArguments {
  int months = 30;   // Of each stream on which false alarms are counted.
  int trials = 200;  // Of each change.
  std::uint64_t seed = 1;
};

// How long one change went unseen, over many trials.
struct ChangeDelays {
  std::string change;                // ".02 -> .03".
  std::vector<std::int64_t> events;  // From the change to the alarm.
  int missed = 0;
  std::optional<double> formula;  // Mean over the trials that have one.

  double Mean() const;                  // At least one alarm.
  double Quantile(double share) const;  // Of the trials that alarmed, at least one.
};

// One detector at one setting on one stream.
struct DetectionRow {
  std::string table;
  std::string stream;
  std::string setting;
  std::int64_t false_alarms = 0;
  double exposure = 0;  // In units of `per`; 0: not counted.
  std::string per;      // "30 d" or "1e6 events".
  std::vector<ChangeDelays> delays;

  struct Fact {
    std::string name;
    double value = 0;
  };
  std::vector<Fact> facts;  // What else there is to say.
};

using DetectionRows = std::vector<DetectionRow>;

// Each program part appends its rows.
void MeasurePromises(const DetectionArguments& arguments, DetectionRows& rows);
void MeasureCohortPromise(const DetectionArguments& arguments, DetectionRows& rows);
void MeasureCohortDelays(const DetectionArguments& arguments, DetectionRows& rows);
void MeasureNames(const DetectionArguments& arguments, DetectionRows& rows);
void MeasureAtEqualRates(const DetectionArguments& arguments, DetectionRows& rows);
void MeasureLabels(const DetectionArguments& arguments, DetectionRows& rows);

std::string DetectionTable(const DetectionRows& rows);
std::string DetectionJson(const DetectionArguments& arguments, const DetectionRows& rows);

}  // namespace guardwatch
