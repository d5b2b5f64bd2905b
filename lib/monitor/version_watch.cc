#include "monitor/version_watch.h"

#include <algorithm>
#include <cstdio>

#include "base/score.h"

namespace guardwatch {
namespace {

// The scores of the first quarter of the learning time make the groups; the rest says how the share
// of each of them fluctuates.
constexpr int kGroupsQuarter = 4;
constexpr std::int64_t kFewestScoresForGroups = 2000;
constexpr std::int64_t kFewestCalibrationLabels = 200;
constexpr std::int64_t kBlocks = 200;
constexpr std::int64_t kLongestScale = 60;

std::string ScoreText(std::uint32_t q) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", double(q) / double{kScoreOne});
  return text.data();
}

double HeatOf(const StreamWatch& watch) {
  const StreamDetector* detector = watch.detector();
  return detector == nullptr ? 0 : detector->evidence() / detector->threshold();
}

}  // namespace

VersionWatch::VersionWatch(const DriftOptions& options, Duration coarse, const BudgetShares& budget)
    : options_(options), coarse_(coarse), budget_(budget) {
  for (const DriftStream& stream : DriftStreams()) {
    watches_.emplace_back(stream.label_based ? CoarseOptions() : FineOptions(1),
                          ThresholdOf(stream.label_based), stream.direction);
  }
}

BaselineOptions VersionWatch::FineOptions(double share_of_time) const {
  BaselineOptions options;
  options.slots = options_.slots;
  options.fewest_panes = static_cast<std::int64_t>(share_of_time * double(options_.learn.count()) /
                                                   double(kPaneWidth.count()));
  options.fewest_steps = std::min(options.fewest_steps, options.fewest_panes);
  options.fewest_blocks = std::min(kBlocks, options.fewest_panes / kLongestScale);
  return options;
}

BaselineOptions VersionWatch::CoarseOptions() const {
  BaselineOptions options;
  options.slots = options_.slots;
  options.pane_width = coarse_;
  options.fewest_panes = std::max<std::int64_t>(options_.learn / coarse_, 1);
  options.fewest_steps = std::min(options.fewest_steps, options.fewest_panes / 2);
  options.fewest_blocks = std::clamp<std::int64_t>(options.fewest_panes / 6, 2, kBlocks);
  return options;
}

double VersionWatch::ThresholdOf(bool label_based) const {
  return budget_.Threshold(budget_.Overall(), label_based ? coarse_ : kPaneWidth);
}

void VersionWatch::SetBudget(const BudgetShares& budget) {
  budget_ = budget;
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    watches_[i].SetThreshold(ThresholdOf(streams[i].label_based));
  }
  for (StreamWatch& watch : group_watches_) {
    watch.SetThreshold(
        budget_.Threshold(budget_.Overall() / double(group_watches_.size()), kPaneWidth));
  }
}

std::vector<StreamAlarm> VersionWatch::StepSealed(PaneIndex pane, const Aggregate& total) {
  std::vector<StreamAlarm> alarms;
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (streams[i].label_based) continue;
    if (const auto alarm = watches_[i].Step(pane, streams[i].count(total))) {
      const double usual = watches_[i].detector()->baseline().rate;
      alarms.push_back({streams[i].name, *alarm, kPaneWidth, usual, ""});
    }
  }
  if (groups_) {
    StepGroups(pane, total, alarms);
  } else {
    LearnGroups(pane, total);
  }
  return alarms;
}

std::vector<StreamAlarm> VersionWatch::StepMatured(PaneIndex pane, const Aggregate& total) {
  std::vector<StreamAlarm> alarms;
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (!streams[i].label_based) continue;
    if (const auto alarm = watches_[i].Step(pane, streams[i].count(total))) {
      const double usual = watches_[i].detector()->baseline().rate;
      alarms.push_back({streams[i].name, *alarm, coarse_, usual, ""});
    }
  }
  StepCalibration(pane, total, alarms);
  return alarms;
}

// --- The distribution of scores ---

void VersionWatch::LearnGroups(PaneIndex pane, const Aggregate& total) {
  if (total.scored == 0) return;
  if (!first_pane_) first_pane_ = pane;
  reference_ += total.histogram;
  const Duration seen = PaneEnd(pane) - PaneStart(*first_pane_);
  if (seen * kGroupsQuarter < options_.learn) return;
  std::int64_t scores = 0;
  for (const HistogramCell& cell : reference_.cells()) scores += cell.scored;
  if (scores < kFewestScoresForGroups) return;
  groups_ = ScoreGroups::From(reference_, score_grid::kFine, kScoreGroups);
  if (!groups_) return;
  const std::size_t count = groups_->last.size();
  for (std::size_t i = 0; i < count; ++i) group_watches_.push_back(NewGroupWatch(count));
}

StreamWatch VersionWatch::NewGroupWatch(std::size_t groups) const {
  return StreamWatch(FineOptions(1 - 1.0 / kGroupsQuarter),
                     budget_.Threshold(budget_.Overall() / double(groups), kPaneWidth),
                     Direction::kBoth);
}

void VersionWatch::StepGroups(PaneIndex pane, const Aggregate& total,
                              std::vector<StreamAlarm>& out) {
  if (group_watches_.size() < 2) return;  // All scores are the same.
  const std::vector<std::int64_t> counts = groups_->CountsOf(total.histogram);
  std::int64_t scored = 0;
  for (const std::int64_t count : counts) scored += count;
  std::optional<StreamAlarm> strongest;
  for (std::size_t i = 0; i < group_watches_.size(); ++i) {
    const auto alarm = group_watches_[i].Step(pane, {scored, counts[i]});
    if (!alarm || (strongest && strongest->alarm.evidence >= alarm->evidence)) continue;
    strongest = StreamAlarm{kScoreDistribution, *alarm, kPaneWidth,
                            group_watches_[i].detector()->baseline().rate, DescribeGroup(i)};
  }
  if (strongest) out.push_back(*std::move(strongest));
}

std::string VersionWatch::DescribeGroup(std::size_t group) const {
  const std::uint32_t low =
      group == 0 ? 0 : score_grid::RangeOf(groups_->last[group - 1], groups_->m).high;
  const std::uint32_t high = score_grid::RangeOf(groups_->last[group], groups_->m).high;
  return "scores from " + ScoreText(low) + " to " + ScoreText(high);
}

// --- Calibration ---

void VersionWatch::ArmCalibration() {
  for (const Count& bin : calibration_.reference) {
    calibration_.limits.push_back(MakeCalibrationLimits(bin));
  }
  calibration_.detector.emplace(static_cast<int>(kCalibrationChanges.size()), ThresholdOf(true));
}

void VersionWatch::StepCalibration(PaneIndex pane, const Aggregate& total,
                                   std::vector<StreamAlarm>& out) {
  std::array<Count, kReliabilityBins> counts{};
  std::int64_t labeled = 0;
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = total.reliability[i];
    counts[static_cast<std::size_t>(i)] = {bin.labeled, bin.positive};
    labeled += bin.labeled;
  }
  if (labeled == 0) return;
  if (calibration_.limits.empty()) {
    std::int64_t known = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      calibration_.reference[i].n += counts[i].n;
      calibration_.reference[i].s += counts[i].s;
      known += calibration_.reference[i].n;
    }
    if (++calibration_.panes * coarse_ < options_.learn || known < kFewestCalibrationLabels) return;
    ArmCalibration();
    return;
  }
  std::array<double, kCalibrationChanges.size()> factors{};
  for (std::size_t i = 0; i < factors.size(); ++i) {
    factors[i] = LogCalibrationFactor(calibration_.limits, counts, kCalibrationChanges[i]);
  }
  const int leading_before = calibration_.detector->leading();
  const auto alarm = calibration_.detector->Step(pane, factors);
  if (!alarm) return;
  const CalibrationChange& change = kCalibrationChanges[static_cast<std::size_t>(leading_before)];
  const std::string detail = change.slope < 1   ? "scores are more extreme than the labels bear out"
                             : change.slope > 1 ? "scores are less extreme than the labels bear out"
                             : change.shift > 0 ? "positives are more frequent than the scores say"
                                                : "positives are rarer than the scores say";
  out.push_back({kCalibration, *alarm, coarse_, 0, detail});
}

// --- For readers ---

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
  status.reference_events = baseline.total.n;
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
  StreamStatus calibration;
  calibration.stream = kCalibration;
  if (calibration_.detector) {
    calibration.state = WatchState::kArmed;
    calibration.evidence = calibration_.detector->evidence();
    calibration.threshold = ThresholdOf(true);
    for (const Count& bin : calibration_.reference) calibration.reference_events += bin.n;
  } else {
    calibration.missing = "time or labels to learn the calibration";
  }
  all.push_back(std::move(calibration));
  return all;
}

double VersionWatch::Heat(std::string_view stream) const {
  if (stream == kCalibration) {
    if (!calibration_.detector) return 0;
    return calibration_.detector->evidence() / ThresholdOf(true);
  }
  double heat = 0;
  if (stream == kScoreDistribution) {
    for (const StreamWatch& watch : group_watches_) heat = std::max(heat, HeatOf(watch));
    return heat;
  }
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (streams[i].name == stream) heat = HeatOf(watches_[i]);
  }
  return heat;
}

}  // namespace guardwatch
