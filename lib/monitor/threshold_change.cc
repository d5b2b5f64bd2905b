#include "monitor/threshold_change.h"

#include <algorithm>

namespace guardwatch {
namespace {

RateAlternatives Alternatives(double tempering) {
  return {NullInterval{0, ThresholdChange::kTolerance}, tempering, Direction::kUp};
}

// To the bin: scores in that of the threshold count as flagged.
std::int64_t FlaggedAt(const ScoreHistogram& histogram, Score threshold) {
  const std::uint16_t first = score_grid::BinOf(threshold, score_grid::kFine);
  std::int64_t flagged = 0;
  for (const HistogramCell& cell : histogram.cells()) {
    if (cell.bin >= first) flagged += cell.scored;
  }
  return flagged;
}

}  // namespace

void ThresholdChange::Start(PaneIndex pane, Score before, Score after, double tempering) {
  if (before.q == after.q || !test_.Start(pane, Alternatives(tempering))) return;
  before_ = before;
  after_ = after;
  scored_ = flagged_before_ = 0;
}

std::optional<DriftAlarm> ThresholdChange::Step(PaneIndex pane, const Aggregate& total,
                                                double tempering) {
  const std::int64_t before = FlaggedAt(total.histogram, before_);
  const std::int64_t after = FlaggedAt(total.histogram, after_);
  for (const HistogramCell& cell : total.histogram.cells()) scored_ += cell.scored;
  flagged_before_ += before;
  // Both the scores and the decisions say so: the new threshold may be that of few requests.
  const std::int64_t between = after - before;
  const std::int64_t decided = total.flagged - before;
  const std::int64_t otherwise = between > 0 ? std::clamp<std::int64_t>(decided, 0, between)
                                             : std::clamp<std::int64_t>(-decided, 0, -between);
  auto alarm = test_.Step(pane, {std::max(before, after), otherwise}, Alternatives(tempering));
  if (alarm && after_.q > before_.q) alarm->direction = Direction::kDown;
  return alarm;
}

void ThresholdChange::Save(ByteWriter& out) const {
  test_.Save(out);
  out.Varint(before_.q);
  out.Varint(after_.q);
  out.Signed(scored_);
  out.Signed(flagged_before_);
}

bool ThresholdChange::Load(ByteReader& in) {
  if (!test_.Load(in)) return false;
  for (Score* score : {&before_, &after_}) {
    const std::uint64_t q = in.Varint();
    if (q > kScoreOne) in.Refuse();
    score->q = static_cast<std::uint32_t>(std::min<std::uint64_t>(q, kScoreOne));
  }
  scored_ = in.Signed();
  flagged_before_ = in.Signed();
  return !in.bad();
}

}  // namespace guardwatch
