#include "monitor/version_watch.h"

#include <algorithm>
#include <cstdio>

#include "base/hash.h"
#include "base/score.h"

namespace guardwatch {
namespace {

// The scores of the first quarter of the learning time make the groups; the rest says how the share
// of each of them fluctuates.
constexpr int kGroupsQuarter = 4;
constexpr std::int64_t kFewestScoresForGroups = 2000;
constexpr std::int64_t kBlocks = 200;
constexpr std::int64_t kLongestScale = 60;

std::string ScoreText(std::uint32_t q) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", double(q) / double{kScoreOne});
  return text.data();
}

}  // namespace

std::string_view ToString(DriftDetector detector) {
  switch (detector) {
    case DriftDetector::kBaseline:
      return "baseline";
    case DriftDetector::kTwoSample:
      return "two_sample";
    case DriftDetector::kKnownChange:
      return "known_change";
    case DriftDetector::kThresholdChange:
      return "threshold_change";
  }
  return "";
}

VersionWatch::VersionWatch(const DriftOptions& options, Duration coarse, const BudgetShares& budget,
                           const BaselineSet* given)
    : options_(options),
      coarse_(coarse),
      budget_(budget),
      comparisons_(DriftStreams().size()),
      known_change_(KnownChangeThreshold()),
      threshold_change_(KnownChangeThreshold()),
      quality_(options_, CoarseOptions(), budget) {
  for (const DriftStream& stream : DriftStreams()) {
    StreamWatch& watch =
        watches_.emplace_back(stream.label_based ? CoarseOptions() : FineOptions(1),
                              ThresholdOf(stream), stream.direction, options_.period);
    if (given == nullptr) continue;
    const auto baseline = given->rates.find(std::string(stream.name));
    if (baseline != given->rates.end()) watch.Arm(baseline->second);
  }
  if (given == nullptr) return;
  given_ = given->Digest();
  quality_.Arm(*given);
  if (!given->groups) return;
  groups_ = given->groups;
  for (const Baseline& share : given->group_shares) {
    group_watches_.push_back(NewGroupWatch(given->group_shares.size()));
    group_watches_.back().Arm(share);
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

// Groups are made from the first quarter; how their shares fluctuate shows in the rest.
LearningPeriod VersionWatch::GroupPeriod() const {
  const LearningPeriod& whole = options_.period;
  if (!whole) return {};
  return {whole.from + (whole.to - whole.from) / kGroupsQuarter, whole.to};
}

double VersionWatch::ThresholdOf(const DriftStream& stream) const {
  return budget_.Threshold(budget_.Overall(), WidthOf(stream));
}

double VersionWatch::GroupThreshold(std::size_t groups) const {
  return budget_.Threshold(budget_.Overall() / double(groups), kPaneWidth);
}

double VersionWatch::KnownChangeThreshold() const {
  constexpr int kTests = 2;  // Of the fail rate, and of decisions by both thresholds.
  return budget_.Threshold(budget_.Overall() / kTests, KnownChange::kBetweenStarts);
}

void VersionWatch::SetBudget(const BudgetShares& budget) {
  budget_ = budget;
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    watches_[i].SetThreshold(ThresholdOf(streams[i]));
    if (comparisons_[i]) comparisons_[i]->SetThreshold(ThresholdOf(streams[i]));
  }
  for (StreamWatch& watch : group_watches_) {
    watch.SetThreshold(GroupThreshold(group_watches_.size()));
  }
  known_change_.SetThreshold(KnownChangeThreshold());
  threshold_change_.SetThreshold(KnownChangeThreshold());
  quality_.SetBudget(budget);
}

std::vector<StreamAlarm> VersionWatch::StepSealed(PaneIndex pane, const Aggregate& total,
                                                  const Aggregate* before,
                                                  const std::optional<PolicyChange>& change) {
  std::vector<StreamAlarm> alarms;
  StepRates(false, pane, total, before, alarms);
  StepKnownChange(pane, total, change, alarms);
  if (groups_) {
    StepGroups(pane, total, alarms);
  } else {
    LearnGroups(pane, total);
  }
  return alarms;
}

std::vector<StreamAlarm> VersionWatch::StepMatured(PaneIndex pane, const Aggregate& total,
                                                   const Aggregate* before) {
  std::vector<StreamAlarm> alarms;
  StepRates(true, pane, total, before, alarms);
  const std::size_t rates = alarms.size();
  quality_.Step(pane, total, alarms);
  for (std::size_t i = rates; i < alarms.size(); ++i) {
    alarms[i].input_from = InputFrom(alarms[i].input_from, coarse_);
  }
  return alarms;
}

void VersionWatch::StepRates(bool label_based, PaneIndex pane, const Aggregate& total,
                             const Aggregate* before, std::vector<StreamAlarm>& out) {
  const auto streams = DriftStreams();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const DriftStream& stream = streams[i];
    if (stream.label_based != label_based) continue;
    const Count count = stream.count(total);
    const bool learning = watches_[i].detector() == nullptr;
    const auto alarm = watches_[i].Step(pane, count);
    if (alarm) out.push_back(Said(i, *alarm));
    if (learning && before != nullptr) Compare(i, pane, count, stream.count(*before), out);
    if (watches_[i].detector() != nullptr) comparisons_[i].reset();
  }
}

StreamAlarm VersionWatch::Said(std::size_t stream, const DriftAlarm& alarm) const {
  const DriftStream& row = DriftStreams()[stream];
  const Baseline& normal = watches_[stream].detector()->baseline();
  const ReferencePeriod reference = ReferenceOf(normal);
  return {row.name,     alarm,
          WidthOf(row), normal.rate,
          "",           DriftDetector::kBaseline,
          reference,    InputFrom(reference.from, WidthOf(row))};
}

// What was normal is part of what it takes, unless it comes from a file: then it takes all that the
// file's baseline was held against.
EventTime VersionWatch::InputFrom(EventTime learned_from, Duration width) const {
  return std::max(learned_from, AlignDown(PaneStart(arrived_), width));
}

// --- Beside the version before ---

bool VersionWatch::Compares() const {
  return !predecessor_.empty() &&
         std::any_of(watches_.begin(), watches_.end(),
                     [](const StreamWatch& watch) { return watch.detector() == nullptr; });
}

const Aggregate* VersionWatch::Partner(const PaneStore& panes, PaneIndex pane, bool matured,
                                       EventTime oldest, Aggregate& room) {
  if (const Aggregate* same = panes.Find(pane, room); same != nullptr && same->scored > 0) {
    return same;
  }
  const Duration width = matured ? coarse_ : kPaneWidth;
  auto& next = matured ? next_coarse_ : next_fine_;
  if (!next) next = PaneOf(PaneStart(arrived_), width) - 1;
  auto at = panes.LastBefore(*next + 1);
  for (; at && PaneStart(*at, width) >= oldest; at = panes.LastBefore(*at)) {
    const Aggregate* earlier = panes.Find(*at, room);
    if (earlier->scored <= 0) continue;
    next = *at - 1;
    return earlier;
  }
  return nullptr;
}

// As long as the rate is learned, its share of the budget is the comparison's.
void VersionWatch::Compare(std::size_t stream, PaneIndex pane, Count now, Count before,
                           std::vector<StreamAlarm>& out) {
  const DriftStream& row = DriftStreams()[stream];
  auto& comparison = comparisons_[stream];
  if (!comparison) comparison.emplace(ThresholdOf(row), kLeastLiftOfVersions, row.direction);
  const auto alarm = comparison->Step(pane, now, before);
  if (!alarm) return;
  StreamAlarm& said = out.emplace_back();
  said.stream = row.name;
  said.alarm = *alarm;
  said.pane_width = WidthOf(row);
  said.usual = comparison->RateOfB();
  said.detail = "beside model version " + predecessor_;
  said.detector = DriftDetector::kTwoSample;
  said.reference.events = comparison->EventsOfB();
  // The predecessor's panes were taken backwards, from the arrival on.
  const auto& next = row.label_based ? next_coarse_ : next_fine_;
  said.input_from = AlignDown(PaneStart(arrived_), said.pane_width);
  if (next) said.input_from = std::min(said.input_from, PaneStart(*next + 1, said.pane_width));
}

// --- After a change of threshold or policy ---

void VersionWatch::StepKnownChange(PaneIndex pane, const Aggregate& total,
                                   const std::optional<PolicyChange>& change,
                                   std::vector<StreamAlarm>& out) {
  const auto streams = DriftStreams();
  std::size_t i = 0;
  while (streams[i].name != kFailRate) ++i;
  const StreamDetector* const detector = watches_[i].detector();
  const Baseline* const normal = detector == nullptr ? nullptr : &detector->baseline();
  std::optional<DriftAlarm> by_rate;
  if (normal != nullptr) {
    if (change) known_change_.Start(pane, *normal);
    by_rate = known_change_.Step(pane, streams[i].count(total), *normal);
  }
  // Takes no reference, so it need not wait for one.
  const double tempering =
      normal == nullptr ? BaselineOptions().tempering_margin : normal->tempering;
  if (change && change->thresholds) {
    const auto& [before, after] = *change->thresholds;
    threshold_change_.Start(pane, before, after, tempering);
  }
  const auto by_threshold = threshold_change_.Step(pane, total, tempering);
  const bool known = std::any_of(
      out.begin(), out.end(), [](const StreamAlarm& other) { return other.stream == kFailRate; });
  if (known || (!by_rate && !by_threshold)) return;
  StreamAlarm said;
  if (normal != nullptr) {
    said = Said(i, by_threshold ? *by_threshold : *by_rate);
  } else {
    said.stream = kFailRate;
    said.alarm = *by_threshold;
    said.pane_width = kPaneWidth;
    said.input_from = PaneStart(by_threshold->change_pane + 1);
  }
  if (by_threshold) {
    said.detail = "by the old and the new threshold, on the same requests";
    said.detector = DriftDetector::kThresholdChange;
    said.usual = threshold_change_.RateBefore();
  } else {
    said.detail = "since the threshold or the policy was changed";
    said.detector = DriftDetector::kKnownChange;
  }
  out.push_back(std::move(said));
}

// --- The distribution of scores ---

void VersionWatch::LearnGroups(PaneIndex pane, const Aggregate& total) {
  if (total.scored == 0) return;
  const LearningPeriod& period = options_.period;
  if (period && period.Before(pane, kPaneWidth)) return;
  const bool in_period = period && !period.After(first_pane_.value_or(pane), kPaneWidth);
  if (in_period && period.After(pane, kPaneWidth)) {
    groups_period_short_ = true;  // As in LearningPhase.
    return;
  }
  if (!first_pane_) first_pane_ = pane;
  reference_ += total.histogram;
  const EventTime quarter =
      in_period ? GroupPeriod().from : PaneStart(*first_pane_) + options_.learn / kGroupsQuarter;
  if (PaneEnd(pane) < quarter) return;
  std::int64_t scores = 0;
  for (const HistogramCell& cell : reference_.cells()) scores += cell.scored;
  if (scores < kFewestScoresForGroups) return;
  groups_ = ScoreGroups::From(reference_, score_grid::kFine, kScoreGroups);
  if (!groups_) return;
  reference_ = ScoreHistogram();  // Gives its memory back, here and in durable state.
  const std::size_t count = groups_->last.size();
  for (std::size_t i = 0; i < count; ++i) group_watches_.push_back(NewGroupWatch(count));
}

StreamWatch VersionWatch::NewGroupWatch(std::size_t groups) const {
  return StreamWatch(FineOptions(1 - 1.0 / kGroupsQuarter), GroupThreshold(groups),
                     Direction::kBoth, GroupPeriod());
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
    const Baseline& normal = group_watches_[i].detector()->baseline();
    // The groups were made before their shares were learned.
    const ReferencePeriod reference = ReferenceOf(normal);
    const EventTime from = first_pane_ ? PaneStart(*first_pane_) : reference.from;
    strongest = StreamAlarm{kScoreDistribution, *alarm,
                            kPaneWidth,         normal.rate,
                            DescribeGroup(i),   DriftDetector::kBaseline,
                            reference,          InputFrom(from, kPaneWidth)};
  }
  if (strongest) out.push_back(*std::move(strongest));
}

std::string VersionWatch::DescribeGroup(std::size_t group) const {
  const std::uint32_t low =
      group == 0 ? 0 : score_grid::RangeOf(groups_->last[group - 1], groups_->m).high;
  const std::uint32_t high = score_grid::RangeOf(groups_->last[group], groups_->m).high;
  return "scores from " + ScoreText(low) + " to " + ScoreText(high);
}

}  // namespace guardwatch
