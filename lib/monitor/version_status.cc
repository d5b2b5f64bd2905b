#include <algorithm>

#include "monitor/version_watch.h"

// What the watch of a model version tells its readers.

namespace guardwatch {
namespace {

double HeatOf(const StreamWatch& watch) {
  const StreamDetector* detector = watch.detector();
  return detector == nullptr ? 0 : detector->evidence() / detector->threshold();
}

}  // namespace

StreamStatus VersionWatch::StatusOf(std::string_view name, const StreamWatch& watch,
                                    Reach& reach) const {
  StreamStatus status;
  status.stream = name;
  const StreamDetector* detector = watch.detector();
  if (detector == nullptr) {
    status.missing = watch.Missing().value_or("");
    return status;
  }
  if (reach.threshold != detector->threshold()) {
    reach = {detector->threshold(), watch.state(), detector->DetectableLift(Direction::kUp),
             detector->DetectableLift(Direction::kDown)};
  }
  const Baseline& baseline = detector->baseline();
  status.state = reach.state;
  status.usual = baseline.rate;
  status.unchanged = baseline.null.front();
  status.reference = ReferenceOf(baseline);
  status.dispersion = baseline.dispersion[0].value_or(1);
  status.tolerance = baseline.tolerance;
  status.evidence = detector->evidence();
  status.threshold = detector->threshold();
  status.detectable_rise = reach.rise;
  status.detectable_fall = reach.fall;
  return status;
}

std::vector<StreamStatus> VersionWatch::Status() const {
  std::vector<StreamStatus> all;
  reaches_.resize(watches_.size());
  group_reaches_.resize(group_watches_.size());
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    all.push_back(StatusOf(streams[i].name, watches_[i], reaches_[i]));
  }
  StreamStatus scores;
  scores.stream = kScoreDistribution;
  scores.missing = "time or scores to learn how they are distributed";
  for (std::size_t i = 0; i < group_watches_.size(); ++i) {
    const StreamStatus group = StatusOf(kScoreDistribution, group_watches_[i], group_reaches_[i]);
    const bool first = scores.threshold == 0;
    if (first || group.evidence > scores.evidence) scores = group;
  }
  all.push_back(std::move(scores));
  quality_.AppendStatus(all);
  return all;
}

double VersionWatch::Heat(std::string_view stream) const {
  if (const auto heat = quality_.Heat(stream)) return *heat;
  double heat = 0;
  if (stream == kScoreDistribution) {
    for (const StreamWatch& watch : group_watches_) heat = std::max(heat, HeatOf(watch));
    return heat;
  }
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (streams[i].name != stream) continue;
    heat = HeatOf(watches_[i]);
    if (const auto& beside = comparisons_[i]) {
      heat = std::max(heat, beside->evidence() / beside->threshold());
    }
  }
  if (stream == kFailRate) {
    heat = std::max(heat, known_change_.evidence() / known_change_.threshold());
    heat = std::max(heat, threshold_change_.evidence() / threshold_change_.threshold());
  }
  return heat;
}

double VersionWatch::Spent() const {
  double spent = quality_.Spent();
  for (const double threshold : {known_change_.threshold(), threshold_change_.threshold()}) {
    spent += FalseAlarmsPerHorizon(threshold, KnownChange::kBetweenStarts);
  }
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const StreamDetector* detector = watches_[i].detector();
    const double threshold = detector != nullptr ? detector->threshold()
                             : comparisons_[i]   ? comparisons_[i]->threshold()
                                                 : ThresholdOf(streams[i]);
    spent += FalseAlarmsPerHorizon(threshold, WidthOf(streams[i]));
  }
  for (const StreamWatch& watch : group_watches_) {
    const StreamDetector* detector = watch.detector();
    const double threshold =
        detector != nullptr ? detector->threshold() : GroupThreshold(group_watches_.size());
    spent += FalseAlarmsPerHorizon(threshold, kPaneWidth);
  }
  return spent;
}

std::shared_ptr<const BaselineSet> VersionWatch::Baselines(const SeriesKey& key) const {
  auto set = std::make_shared<BaselineSet>();
  quality_.AddBaselines(*set);
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (const StreamDetector* detector = watches_[i].detector()) {
      set->rates[std::string(streams[i].name)] = detector->baseline();
    }
  }
  const bool all = std::all_of(group_watches_.begin(), group_watches_.end(),
                               [](const StreamWatch& watch) { return watch.detector(); });
  if (groups_ && all) {
    set->groups = groups_;
    for (const StreamWatch& watch : group_watches_) {
      set->group_shares.push_back(watch.detector()->baseline());
    }
  }
  // Baselines stay as they are once they are there.
  if (baselines_ && baselines_->Streams() == set->Streams()) return baselines_;
  set->unit = key.unit;
  set->variant = key.variant;
  set->model_version = key.model_version;
  set->coarse = coarse_;
  baselines_ = std::move(set);
  return baselines_;
}

}  // namespace guardwatch
