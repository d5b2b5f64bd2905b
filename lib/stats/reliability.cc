#include "stats/reliability.h"

#include "stats/calibration.h"

namespace guardwatch {

void ReliabilityBins::Add(Score score, bool positive, int sign) {
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  ReliabilityBin& bin = bins_[static_cast<std::size_t>(BinOf(score))];
  bin.labeled += sign;
  bin.positive += positive ? sign : 0;
  bin.score_q += sign * std::int64_t{score.q};
}

void ReliabilityBins::Set(int bin, const ReliabilityBin& value) {
  bins_.resize(kReliabilityBins);
  bins_[static_cast<std::size_t>(bin)] = value;
}

bool ReliabilityBins::empty() const {
  for (const ReliabilityBin& bin : bins_) {
    if (bin != ReliabilityBin{}) return false;
  }
  return true;
}

void ReliabilityBins::Clear() {
  for (ReliabilityBin& bin : bins_) bin = {};
}

ReliabilityBins& ReliabilityBins::operator+=(const ReliabilityBins& other) {
  if (other.bins_.empty()) return *this;
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    bins_[i].labeled += other.bins_[i].labeled;
    bins_[i].positive += other.bins_[i].positive;
    bins_[i].score_q += other.bins_[i].score_q;
  }
  return *this;
}

ReliabilityBins& ReliabilityBins::operator-=(const ReliabilityBins& other) {
  if (other.bins_.empty()) return *this;
  if (bins_.empty()) bins_.resize(kReliabilityBins);
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    bins_[i].labeled -= other.bins_[i].labeled;
    bins_[i].positive -= other.bins_[i].positive;
    bins_[i].score_q -= other.bins_[i].score_q;
  }
  return *this;
}

bool operator==(const ReliabilityBins& a, const ReliabilityBins& b) {
  for (int i = 0; i < kReliabilityBins; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

std::optional<CalibrationError> ExpectedCalibrationError(const ReliabilityBins& bins) {
  return ExpectedCalibrationError(LabeledBinsOf(bins));
}

}  // namespace guardwatch
