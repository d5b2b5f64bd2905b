#include "detect/record.h"

#include <cmath>

namespace guardwatch {
namespace {

constexpr int kSlotSchemes = 3;

}  // namespace

double ReadAmount(ByteReader& in) {
  const double value = in.Real();
  if (!(std::isfinite(value) && value >= 0)) in.Refuse();
  return value;
}

std::int64_t ReadCounter(ByteReader& in) {
  const std::int64_t value = in.Signed();
  if (value < 0) in.Refuse();
  return value;
}

void WriteCount(ByteWriter& out, Count count) {
  out.Signed(count.n);
  out.Signed(count.s);
}

Count ReadCount(ByteReader& in) {
  Count count;
  count.n = ReadCounter(in);
  count.s = ReadCounter(in);
  if (count.s > count.n) in.Refuse();
  return count;
}

void WriteBlockSums(ByteWriter& out, const BlockSums& sums) {
  out.Signed(sums.blocks);
  WriteCount(out, {sums.n, sums.s});
  out.Real(sums.s_squared_per_n);
}

BlockSums ReadBlockSums(ByteReader& in) {
  BlockSums sums;
  sums.blocks = ReadCounter(in);
  const Count count = ReadCount(in);
  sums.n = count.n;
  sums.s = count.s;
  sums.s_squared_per_n = ReadAmount(in);
  if (sums.blocks > sums.n) in.Refuse();
  return sums;
}

void WriteEvidence(ByteWriter& out, const Evidence& evidence) {
  out.Byte(static_cast<std::uint8_t>(evidence.components));
  out.Signed(evidence.steps);
  for (const double value : evidence.value) out.Real(value);
  for (const PaneIndex pane : evidence.quiet) out.Signed(pane);
}

Evidence ReadEvidence(ByteReader& in) {
  Evidence evidence;
  evidence.components = in.Byte();
  if (evidence.components > Evidence::kComponents) in.Refuse();
  evidence.steps = ReadCounter(in);
  for (double& value : evidence.value) value = ReadAmount(in);
  for (PaneIndex& pane : evidence.quiet) pane = in.Signed();
  return evidence;
}

void WriteRateState(ByteWriter& out, const RateEvidence::State& state) {
  WriteEvidence(out, state.evidence);
  WriteCount(out, state.pool.pending);
  out.Bool(state.started);
}

RateEvidence::State ReadRateState(ByteReader& in) {
  RateEvidence::State state;
  state.evidence = ReadEvidence(in);
  state.pool.pending = ReadCount(in);
  state.started = in.Bool();
  return state;
}

void WritePeriod(ByteWriter& out, const LearningPeriod& period) {
  out.Bool(static_cast<bool>(period));
  if (!period) return;
  out.Time(period.from);
  out.Time(period.to);
}

LearningPeriod ReadPeriod(ByteReader& in) {
  LearningPeriod period;
  if (!in.Bool()) return period;
  period.from = in.Time();
  period.to = in.Time();
  if (!period) in.Refuse();
  return period;
}

void WriteThreshold(ByteWriter& out, AlarmThreshold threshold) {
  out.Real(threshold.now);
  out.Real(threshold.next);
}

AlarmThreshold ReadThreshold(ByteReader& in) {
  AlarmThreshold threshold;
  threshold.now = ReadAmount(in);
  threshold.next = ReadAmount(in);
  if (!(threshold.now > 0 && threshold.next > 0)) in.Refuse();
  return threshold;
}

void WriteBaseline(ByteWriter& out, const Baseline& baseline) {
  out.Signed(baseline.pane_width.count());
  out.Byte(static_cast<std::uint8_t>(baseline.slots));
  WriteCount(out, baseline.total);
  out.Signed(baseline.first);
  out.Signed(baseline.panes);
  out.Signed(baseline.steps);
  out.Real(baseline.rate);
  for (const auto& phi : baseline.dispersion) {
    out.Bool(phi.has_value());
    if (phi) out.Real(*phi);
  }
  out.Real(baseline.slow_sd);
  out.Real(baseline.tempering);
  out.Real(baseline.tolerance);
  for (const NullInterval& null : baseline.null) {
    out.Real(null.low);
    out.Real(null.high);
  }
}

Baseline ReadBaseline(ByteReader& in) {
  Baseline baseline;
  baseline.pane_width = Duration(in.Signed());
  baseline.slots = in.Enumerator<SlotScheme>(kSlotSchemes);
  baseline.total = ReadCount(in);
  baseline.first = in.Signed();
  baseline.panes = ReadCounter(in);
  baseline.steps = ReadCounter(in);
  baseline.rate = ReadAmount(in);
  for (auto& phi : baseline.dispersion) {
    if (in.Bool()) phi = ReadAmount(in);
  }
  baseline.slow_sd = ReadAmount(in);
  baseline.tempering = ReadAmount(in);
  baseline.tolerance = ReadAmount(in);
  baseline.null.resize(static_cast<std::size_t>(SlotCount(baseline.slots)));
  for (NullInterval& null : baseline.null) {
    null.low = ReadAmount(in);
    null.high = ReadAmount(in);
    if (null.low > null.high || null.high > 1 || null.low >= 1 || null.high <= 0) in.Refuse();
  }
  if (baseline.pane_width <= Duration{} || !(baseline.tempering > 0)) in.Refuse();
  return baseline;
}

}  // namespace guardwatch
