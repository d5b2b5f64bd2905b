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
    status.period_short = watch.PeriodShort();
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

// That of the group with most evidence.
StreamStatus VersionWatch::ScoreStatus() const {
  StreamStatus scores;
  scores.stream = kScoreDistribution;
  scores.missing = "time or scores to learn how they are distributed";
  scores.period_short = groups_period_short_;
  if (groups_period_short_) {
    scores.missing = options_.period.Text() + " had too few scores";
  }
  if (group_watches_.size() == 1) {  // All scores are the same, and a share of all never changes.
    scores.state = WatchState::kNotMonitorable;
    scores.missing.clear();
    return scores;
  }
  for (std::size_t i = 0; i < group_watches_.size(); ++i) {
    const StreamStatus group = StatusOf(kScoreDistribution, group_watches_[i], group_reaches_[i]);
    const bool first = scores.threshold == 0;
    if (first || group.evidence > scores.evidence) scores = group;
  }
  return scores;
}

std::vector<StreamStatus> VersionWatch::Status() const {
  std::vector<StreamStatus> all;
  reaches_.resize(watches_.size());
  group_reaches_.resize(group_watches_.size());
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    all.push_back(StatusOf(streams[i].name, watches_[i], reaches_[i]));
  }
  all.push_back(ScoreStatus());
  quality_.AppendStatus(all);
  return all;
}

std::vector<std::string_view> VersionWatch::LearnedAnew() const {
  std::vector<std::string_view> streams;
  if (anew_.empty()) return streams;
  for (const StreamStatus& status : Status()) {
    const bool learns = status.state == WatchState::kLearning;
    if (learns && anew_.contains(status.stream)) streams.push_back(status.stream);
  }
  return streams;
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

bool VersionWatch::GroupsAreKnown() const {
  return groups_ && std::all_of(group_watches_.begin(), group_watches_.end(),
                                [](const StreamWatch& watch) { return watch.detector(); });
}

std::size_t VersionWatch::Armed() const {
  const auto rates = std::count_if(watches_.begin(), watches_.end(), [](const StreamWatch& watch) {
    return watch.detector() != nullptr;
  });
  return static_cast<std::size_t>(rates) + (GroupsAreKnown() ? 1u : 0u) + quality_.Armed();
}

std::shared_ptr<const BaselineSet> VersionWatch::Baselines(const SeriesKey& key) const {
  // Baselines stay as they are once they are there.
  if (baselines_ && baselines_->Streams() == Armed()) return baselines_;
  auto set = std::make_shared<BaselineSet>();
  quality_.AddBaselines(*set);
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (const StreamDetector* detector = watches_[i].detector()) {
      set->rates[std::string(streams[i].name)] = detector->baseline();
    }
  }
  if (GroupsAreKnown()) {
    set->groups = groups_;
    for (const StreamWatch& watch : group_watches_) {
      set->group_shares.push_back(watch.detector()->baseline());
    }
  }
  set->unit = key.unit;
  set->variant = key.variant;
  set->model_version = key.model_version;
  set->coarse = coarse_;
  baselines_ = std::move(set);
  return baselines_;
}

}  // namespace guardwatch
