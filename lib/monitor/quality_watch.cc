#include "monitor/quality_watch.h"

#include <algorithm>
#include <utility>

#include "detect/e_factors.h"
#include "detect/exact_math.h"
#include "detect/record.h"
#include "monitor/drift_streams.h"

namespace guardwatch {
namespace {

constexpr double kLeastAucMargin = 0.005;
constexpr std::int64_t kFewestOfClass = 50;  // To rank others among.
constexpr std::int64_t kFewestPairPanes = 30;
constexpr std::int64_t kFewestOfClassInPane = 5;

// Ranks are learned from the second half of the learning time, among labels of the first.
LearningPeriod SecondHalf(LearningPeriod period) {
  if (!period) return {};
  return {period.from + (period.to - period.from) / 2, period.to};
}

BaselineOptions Halved(BaselineOptions options) {
  options.fewest_panes = std::max<std::int64_t>(options.fewest_panes / 2, 1);
  return options;
}

BaselineOptions OfPairs(BaselineOptions options) {
  options = Halved(options);
  options.fewest_events = std::min(kFewestPairPanes, options.fewest_panes);
  return options;
}

struct Losses {
  std::vector<WeightedValue> log_loss;
  std::vector<WeightedValue> brier;
};

// Of the middle of each score's bin.
Losses LossesOf(const ScoreHistogram& histogram) {
  constexpr double kEps = 0x1p-31;
  Losses losses;
  for (const HistogramCell& cell : histogram.cells()) {
    if (cell.labeled() <= 0) continue;
    const score_grid::Range range = score_grid::RangeOf(cell.bin, histogram.m());
    const double middle = 0.5 * (double(range.low) + double(range.high)) / double{kScoreOne};
    const double p = std::clamp(middle, kEps, 1 - kEps);
    if (cell.positive > 0) {
      losses.log_loss.push_back({-ExactLog(p), cell.positive});
      losses.brier.push_back({(1 - p) * (1 - p), cell.positive});
    }
    if (cell.negative > 0) {
      losses.log_loss.push_back({-ExactLog(1 - p), cell.negative});
      losses.brier.push_back({p * p, cell.negative});
    }
  }
  return losses;
}

struct ClassTotals {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

ClassTotals TotalsOf(const ScoreHistogram& histogram) {
  ClassTotals totals;
  for (const HistogramCell& cell : histogram.cells()) {
    totals.positive += cell.positive;
    totals.negative += cell.negative;
  }
  return totals;
}

// Placements of the positives of `of` among the negatives of `among`, or of its negatives among the
// positives, counted from the other end: the mean of either is 1 - AUC.
std::vector<WeightedValue> Placements(const ScoreHistogram& of, const ScoreHistogram& among,
                                      bool positives) {
  std::vector<WeightedValue> values;
  const ClassTotals totals = TotalsOf(among);
  const std::int64_t total = positives ? totals.negative : totals.positive;
  std::int64_t below = 0;
  auto at = among.cells().begin();
  for (const HistogramCell& cell : of.cells()) {
    const std::int64_t count = positives ? cell.positive : cell.negative;
    if (count <= 0) continue;
    const auto rivals = [&](const HistogramCell& each) {
      return positives ? each.negative : each.positive;
    };
    for (; at != among.cells().end() && at->bin < cell.bin; ++at) below += rivals(*at);
    const bool tie = at != among.cells().end() && at->bin == cell.bin;
    const std::int64_t equal = tie ? rivals(*at) : 0;
    const std::int64_t beaten = positives ? below : total - below - equal;
    values.push_back({Placement(beaten, equal, total), count});
  }
  return values;
}

// 1 - AUC within a pane, as one value; none if it has too few of a class to be worth one.
std::vector<WeightedValue> PairsOf(const ScoreHistogram& labeled) {
  const ClassTotals totals = TotalsOf(labeled);
  if (std::min(totals.positive, totals.negative) < kFewestOfClassInPane) return {};
  double sum = 0;
  for (const WeightedValue& x : Placements(labeled, labeled, true))
    sum += x.value * double(x.count);
  return {{sum / double(totals.positive), 1}};
}

ReferencePeriod PeriodOf(PaneIndex first, std::int64_t panes, Duration width, std::int64_t events) {
  return {PaneStart(first, width), PaneStart(first + panes, width), events};
}

}  // namespace

QualityWatch::QualityWatch(const DriftOptions& options, const BaselineOptions& learning,
                           const BudgetShares& budget)
    : options_(options),
      learning_(learning),
      budget_(budget),
      calibration_(learning, Threshold(), options.period),
      log_loss_(learning, Threshold(), 0, options.period),
      brier_(learning, Threshold(), 0, options.period),
      ranks_{MeanWatch(Halved(learning), Threshold(kRanks), kLeastAucMargin,
                       SecondHalf(options.period)),
             MeanWatch(Halved(learning), Threshold(kRanks), kLeastAucMargin,
                       SecondHalf(options.period)),
             MeanWatch(OfPairs(learning), Threshold(kRanks), kLeastAucMargin,
                       SecondHalf(options.period))} {}

double QualityWatch::Threshold(double parts) const {
  return budget_.Threshold(budget_.Overall() / parts, learning_.pane_width);
}

void QualityWatch::SetBudget(const BudgetShares& budget) {
  budget_ = budget;
  calibration_.SetThreshold(Threshold());
  log_loss_.SetThreshold(Threshold());
  brier_.SetThreshold(Threshold());
  for (MeanWatch& watch : ranks_) watch.SetThreshold(Threshold(kRanks));
}

void QualityWatch::Arm(const BaselineSet& given) {
  if (given.calibration) calibration_.Arm(*given.calibration);
  if (given.log_loss) log_loss_.Arm(*given.log_loss);
  if (given.brier) brier_.Arm(*given.brier);
  if (!given.ranks) return;
  for (std::size_t i = 0; i < kRanks; ++i) ranks_[i].Arm((*given.ranks)[i]);
  rank_reference_ = given.rank_reference;
  ranks_are_known_ = true;
}

BinCounts QualityWatch::BinsOf(const Aggregate& total) {
  BinCounts counts{};
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = total.reliability[i];
    counts[static_cast<std::size_t>(i)] = {bin.labeled, bin.positive};
  }
  return counts;
}

void QualityWatch::Step(PaneIndex pane, const Aggregate& total, std::vector<StreamAlarm>& out) {
  if (total.labeled <= 0) return;
  if (const auto alarm = calibration_.Step(pane, BinsOf(total))) {
    const auto component = static_cast<std::size_t>(alarm->component);
    const CalibrationChange& change = kCalibrationChanges[component];
    const char* detail = change.slope < 1   ? "scores are more extreme than the labels bear out"
                         : change.slope > 1 ? "scores are less extreme than the labels bear out"
                         : change.shift > 0 ? "positives are more frequent than the scores say"
                                            : "positives are rarer than the scores say";
    const CalibrationBaseline& normal = *calibration_.baseline();
    StreamAlarm& said = out.emplace_back();
    said.stream = kCalibration;
    said.alarm = *alarm;
    said.pane_width = learning_.pane_width;
    said.detail = detail;
    said.reference = PeriodOf(normal.first, normal.panes, learning_.pane_width, normal.Labels());
    said.input_from = said.reference.from;
  }
  const Losses losses = LossesOf(total.histogram);
  StepMean(pane, kLogLoss, log_loss_, losses.log_loss, out);
  StepMean(pane, kBrier, brier_, losses.brier, out);
  StepRanks(pane, total.histogram, out);
}

void QualityWatch::StepMean(PaneIndex pane, std::string_view stream, MeanWatch& watch,
                            const std::vector<WeightedValue>& values,
                            std::vector<StreamAlarm>& out) const {
  const auto alarm = watch.Step(pane, values);
  if (!alarm) return;
  const MeanBaseline& normal = *watch.baseline();
  if (!out.empty() && out.back().stream == stream) {
    // Of several watches of one stream the strongest speaks.
    if (out.back().alarm.evidence >= alarm->evidence) return;
    out.pop_back();
  }
  StreamAlarm& said = out.emplace_back();
  said.stream = stream;
  said.alarm = *alarm;
  said.pane_width = learning_.pane_width;
  said.usual = stream == kRocAuc ? 1 - normal.mean : normal.mean;
  if (stream == kRocAuc) said.alarm.direction = Direction::kDown;
  said.reference = PeriodOf(normal.first, normal.panes, learning_.pane_width, normal.n);
  said.input_from = said.reference.from;
  // What others are ranked among was there before the ranks.
  if (stream == kRocAuc && first_pane_) {
    said.input_from = PaneStart(*first_pane_, learning_.pane_width);
  }
}

void QualityWatch::StepRanks(PaneIndex pane, const ScoreHistogram& labeled,
                             std::vector<StreamAlarm>& out) {
  if (!ranks_are_known_) return LearnRanks(pane, labeled);
  StepMean(pane, kRocAuc, ranks_[0], Placements(labeled, rank_reference_, true), out);
  StepMean(pane, kRocAuc, ranks_[1], Placements(labeled, rank_reference_, false), out);
  StepMean(pane, kRocAuc, ranks_[2], PairsOf(labeled), out);
}

void QualityWatch::LearnRanks(PaneIndex pane, const ScoreHistogram& labeled) {
  const LearningPeriod& period = options_.period;
  const Duration width = learning_.pane_width;
  if (period && period.Before(pane, width)) return;
  const bool in_period = period && !period.After(first_pane_.value_or(pane), width);
  if (in_period && period.After(pane, width)) {
    ranks_period_short_ = true;  // As in LearningPhase.
    return;
  }
  if (!first_pane_) first_pane_ = pane;
  for (const HistogramCell& cell : labeled.cells()) {
    if (cell.labeled() <= 0) continue;
    HistogramCell classes;
    classes.bin = cell.bin;
    classes.negative = cell.negative;
    classes.positive = cell.positive;
    ScoreHistogram one(labeled.m());
    one.Set(classes);
    rank_reference_ += one;
  }
  const EventTime half =
      in_period ? SecondHalf(period).from : PaneStart(*first_pane_, width) + options_.learn / 2;
  const ClassTotals totals = TotalsOf(rank_reference_);
  ranks_are_known_ =
      PaneEnd(pane, width) >= half && std::min(totals.positive, totals.negative) >= kFewestOfClass;
}

// --- For readers ---

StreamStatus QualityWatch::StatusOf(std::string_view stream, const MeanWatch& watch) const {
  StreamStatus status;
  status.stream = stream;
  status.state = watch.state();
  status.missing = watch.Missing().value_or("");
  status.period_short = watch.PeriodShort();
  if (!watch.baseline()) return status;
  const MeanBaseline& normal = *watch.baseline();
  const bool falls = stream == kRocAuc;
  status.usual = falls ? 1 - normal.mean : normal.mean;
  status.unchanged = falls ? NullInterval{1 - normal.limit, 1} : NullInterval{0, normal.limit};
  status.reference = PeriodOf(normal.first, normal.panes, normal.pane_width, normal.n);
  status.dispersion = normal.dispersion;
  status.tolerance = normal.tolerance;
  status.evidence = watch.evidence();
  status.threshold = watch.threshold();
  status.detectable_rise = falls ? std::nullopt : watch.DetectableRise();
  return status;
}

void QualityWatch::AppendStatus(std::vector<StreamStatus>& out) const {
  StreamStatus& calibration = out.emplace_back();
  calibration.stream = kCalibration;
  calibration.state = calibration_.state();
  calibration.missing = calibration_.Missing().value_or("");
  calibration.period_short = calibration_.PeriodShort();
  if (const auto& normal = calibration_.baseline()) {
    calibration.evidence = calibration_.evidence();
    calibration.threshold = calibration_.threshold();
    calibration.dispersion = normal->dispersion;
    calibration.reference =
        PeriodOf(normal->first, normal->panes, normal->pane_width, normal->Labels());
  }
  out.push_back(StatusOf(kLogLoss, log_loss_));
  out.push_back(StatusOf(kBrier, brier_));
  StreamStatus ranks = StatusOf(kRocAuc, ranks_[0]);
  if (!ranks_are_known_) ranks.missing = "labels of both outcomes from half of the learning time";
  if (ranks_period_short_) {
    ranks.period_short = true;
    ranks.missing = options_.period.Text() + " had too few labels of one outcome";
  }
  for (std::size_t i = 1; i < kRanks && ranks.threshold > 0; ++i) {
    if (ranks_[i].evidence() <= ranks.evidence) continue;
    ranks = StatusOf(kRocAuc, ranks_[i]);
  }
  out.push_back(std::move(ranks));
}

std::optional<double> QualityWatch::Heat(std::string_view stream) const {
  if (stream == kCalibration) return calibration_.evidence() / calibration_.threshold();
  if (stream == kLogLoss) return log_loss_.evidence() / log_loss_.threshold();
  if (stream == kBrier) return brier_.evidence() / brier_.threshold();
  if (stream != kRocAuc) return std::nullopt;
  double heat = 0;
  for (const MeanWatch& watch : ranks_) heat = std::max(heat, watch.evidence() / watch.threshold());
  return heat;
}

double QualityWatch::Spent() const {
  const Duration width = learning_.pane_width;
  double spent = FalseAlarmsPerHorizon(calibration_.threshold(), width) +
                 FalseAlarmsPerHorizon(log_loss_.threshold(), width) +
                 FalseAlarmsPerHorizon(brier_.threshold(), width);
  for (const MeanWatch& watch : ranks_) spent += FalseAlarmsPerHorizon(watch.threshold(), width);
  return spent;
}

void QualityWatch::AddBaselines(BaselineSet& out) const {
  out.calibration = calibration_.baseline();
  out.log_loss = log_loss_.baseline();
  out.brier = brier_.baseline();
  if (!RanksHaveBaselines()) return;
  out.rank_reference = rank_reference_;
  out.ranks = {*ranks_[0].baseline(), *ranks_[1].baseline(), *ranks_[2].baseline()};
}

bool QualityWatch::RanksHaveBaselines() const {
  return std::all_of(ranks_.begin(), ranks_.end(),
                     [](const MeanWatch& watch) { return watch.baseline().has_value(); });
}

std::size_t QualityWatch::Armed() const {
  return (calibration_.baseline() ? 1u : 0u) + (log_loss_.baseline() ? 1u : 0u) +
         (brier_.baseline() ? 1u : 0u) + (RanksHaveBaselines() ? 1u : 0u);
}

// --- Durable state ---

void QualityWatch::Save(ByteWriter& out) const {
  WritePeriod(out, options_.period);
  calibration_.Save(out);
  log_loss_.Save(out);
  brier_.Save(out);
  out.Varint(rank_reference_.cells().size());
  for (const HistogramCell& cell : rank_reference_.cells()) {
    out.Varint(cell.bin);
    out.Signed(cell.negative);
    out.Signed(cell.positive);
  }
  out.Bool(first_pane_.has_value());
  if (first_pane_) out.Signed(*first_pane_);
  out.Bool(ranks_are_known_);
  for (const MeanWatch& watch : ranks_) watch.Save(out);
}

bool QualityWatch::Load(ByteReader& in) {
  options_.period = ReadPeriod(in);
  if (!calibration_.Load(in) || !log_loss_.Load(in) || !brier_.Load(in)) return false;
  rank_reference_ = ScoreHistogram();  // That of the given baseline.
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) {
    HistogramCell cell;
    const std::uint64_t bin = in.Varint();
    if (bin >= score_grid::BinCount(score_grid::kFine)) return false;
    cell.bin = static_cast<std::uint16_t>(bin);
    cell.negative = in.Signed();
    cell.positive = in.Signed();
    if (cell.negative < 0 || cell.positive < 0) return false;
    rank_reference_.Set(cell);
  }
  if (in.Bool()) first_pane_ = in.Signed();
  ranks_are_known_ = in.Bool();
  const ClassTotals totals = TotalsOf(rank_reference_);
  if (ranks_are_known_ && (totals.positive <= 0 || totals.negative <= 0)) return false;
  for (MeanWatch& watch : ranks_) {
    if (!watch.Load(in)) return false;
  }
  return !in.bad();
}

}  // namespace guardwatch
