#include "detect/baseline.h"

#include <algorithm>

#include "base/check.h"
#include "detect/learning_phase.h"
#include "detect/record.h"
#include "detect/shrinkage.h"

namespace guardwatch {
namespace {

BlockSums Total(const std::vector<BlockSums>& slots) {
  BlockSums total;
  for (const BlockSums& slot : slots) {
    total.blocks += slot.blocks;
    total.n += slot.n;
    total.s += slot.s;
  }
  return total;
}

// phi around the rate of each block's slot.
std::optional<double> Dispersion(const std::vector<BlockSums>& slots,
                                 const std::vector<double>& rates, std::int64_t fewest_blocks) {
  double pearson = 0;
  std::int64_t blocks = 0;
  std::int64_t estimated = 0;  // Each slot in use costs a degree of freedom.
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].blocks == 0) continue;
    pearson += slots[i].Pearson(rates[i]);
    blocks += slots[i].blocks;
    ++estimated;
  }
  if (blocks < fewest_blocks || blocks <= estimated) return std::nullopt;
  return pearson / double(blocks - estimated);
}

}  // namespace

BaselineLearner::BaselineLearner(BaselineOptions options) : options_(options) {
  for (Scale& scale : scales_) {
    scale.slots.resize(static_cast<std::size_t>(SlotCount(options_.slots)));
  }
}

void BaselineLearner::Add(PaneIndex pane, Count count) {
  GUARDWATCH_CHECK(0 <= count.s && count.s <= count.n && (!first_ || pane > last_));
  if (!first_) first_ = pane;
  last_ = pane;
  total_.n += count.n;
  total_.s += count.s;
  const auto slot = static_cast<std::size_t>(SlotOf(pane, options_.pane_width, options_.slots));
  if (const auto step = pool_.Add(count)) scales_[0].slots[slot].Add(*step);
  for (std::size_t i = 1; i < scales_.size(); ++i) {
    AddToBlock(scales_[i], Baseline::kScales[i], pane, count);
  }
}

// Blocks are aligned to the epoch, so that at the usual widths none straddles two slots.
void BaselineLearner::AddToBlock(Scale& scale, int panes, PaneIndex pane, Count count) {
  const std::int64_t index = FloorDivide(pane, panes);
  if (index != scale.block_index) {
    const int slot = SlotOf(scale.block_index * panes, options_.pane_width, options_.slots);
    scale.slots[static_cast<std::size_t>(slot)].Add(scale.block);
    scale.block = {};
    scale.block_index = index;
  }
  scale.block.n += count.n;
  scale.block.s += count.s;
}

std::int64_t BaselineLearner::PanesNeeded() const {
  if (options_.slots == SlotScheme::kConstant) return options_.fewest_panes;
  const Duration cycle = std::chrono::hours(SlotCount(options_.slots));
  return std::max(options_.fewest_panes,
                  options_.fewest_cycles * (cycle.count() / options_.pane_width.count()));
}

std::optional<std::string> BaselineLearner::Missing() const {
  const std::int64_t panes = first_ ? last_ - *first_ + 1 : 0;
  const std::int64_t steps = Total(scales_[0].slots).blocks;
  if (total_.n < options_.fewest_events) return PartOf(total_.n, options_.fewest_events, "events");
  if (steps < options_.fewest_steps) return PartOf(steps, options_.fewest_steps, "steps");
  if (panes < PanesNeeded()) return PartOf(panes, PanesNeeded(), "panes");
  return std::nullopt;
}

bool BaselineLearner::EnoughToTake() const {
  return total_.n >= options_.fewest_events && Total(scales_[0].slots).blocks >= 2;
}

void BaselineLearner::Save(ByteWriter& out) const {
  WriteCount(out, pool_.pending);
  WriteCount(out, total_);
  out.Bool(first_.has_value());
  if (first_) out.Signed(*first_);
  out.Signed(last_);
  out.Varint(scales_[0].slots.size());
  for (const Scale& scale : scales_) {
    for (const BlockSums& slot : scale.slots) WriteBlockSums(out, slot);
    WriteCount(out, scale.block);
    out.Signed(scale.block_index);
  }
}

bool BaselineLearner::Load(ByteReader& in) {
  pool_.pending = ReadCount(in);
  total_ = ReadCount(in);
  if (in.Bool()) first_ = in.Signed();
  last_ = in.Signed();
  const std::uint64_t slots = in.Varint();
  if (slots != scales_[0].slots.size()) {
    const auto has = [&](SlotScheme scheme) {
      return slots == static_cast<std::uint64_t>(SlotCount(scheme));
    };
    const bool any =
        has(SlotScheme::kConstant) || has(SlotScheme::kHourOfDay) || has(SlotScheme::kHourOfWeek);
    if (!any) in.Refuse();
    return false;
  }
  for (Scale& scale : scales_) {
    for (BlockSums& slot : scale.slots) slot = ReadBlockSums(in);
    scale.block = ReadCount(in);
    scale.block_index = in.Signed();
  }
  return !in.bad();
}

std::vector<BaselineLearner::Reference> BaselineLearner::References() const {
  if (options_.slots == SlotScheme::kConstant) return {{double(total_.n), double(total_.s)}};
  std::vector<Count> counts;
  counts.reserve(scales_[0].slots.size());
  for (const BlockSums& slot : scales_[0].slots) counts.push_back({slot.n, slot.s});
  const BetaPrior prior = EstimatePrior(counts);
  // What is believed beforehand must not weigh more than what was seen.
  const double weight = std::min(prior.Weight(), double(total_.n));
  const double prior_rate = prior.a / prior.Weight();
  std::vector<Reference> references;
  references.reserve(counts.size());
  for (const Count& count : counts) {
    references.push_back({double(count.n) + weight, double(count.s) + weight * prior_rate});
  }
  return references;
}

std::vector<BlockSums> BaselineLearner::Blocks(std::size_t scale) const {
  std::vector<BlockSums> slots = scales_[scale].slots;
  const PaneIndex open = scales_[scale].block_index * Baseline::kScales[scale];
  const int slot = SlotOf(open, options_.pane_width, options_.slots);
  slots[static_cast<std::size_t>(slot)].Add(scales_[scale].block);
  return slots;
}

void BaselineLearner::EstimateFluctuation(const std::vector<Reference>& references,
                                          Baseline& baseline) const {
  std::vector<double> rates;
  rates.reserve(references.size());
  for (const Reference& reference : references) rates.push_back(reference.s / reference.n);
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    const std::vector<BlockSums> blocks = Blocks(i);
    const auto phi = Dispersion(blocks, rates, i == 0 ? 2 : options_.fewest_blocks);
    baseline.dispersion[i] = phi;
    const auto& fast = baseline.dispersion[0];
    if (i == 0 || !phi || !fast) continue;
    const double sd = SlowRelativeSd(*fast, *phi, baseline.rate, Total(blocks).MeanEvents());
    baseline.slow_sd = std::max(baseline.slow_sd, sd);
  }
  baseline.tempering =
      options_.tempering_margin * std::max(1.0, baseline.dispersion[0].value_or(1.0));
  baseline.tolerance = std::max(options_.least_tolerance, options_.slow_sds * baseline.slow_sd);
}

Baseline BaselineLearner::Learn() const {
  GUARDWATCH_CHECK(total_.n > 0);
  Baseline baseline;
  baseline.pane_width = options_.pane_width;
  baseline.slots = options_.slots;
  baseline.total = total_;
  baseline.first = *first_;
  baseline.panes = last_ - *first_ + 1;
  baseline.steps = Total(scales_[0].slots).blocks;
  baseline.rate = double(total_.s) / double(total_.n);
  const std::vector<Reference> references = References();
  EstimateFluctuation(references, baseline);
  for (const Reference& reference : references) {
    baseline.null.push_back(MakeNullInterval(reference.n, reference.s, baseline.tolerance));
  }
  return baseline;
}

}  // namespace guardwatch
