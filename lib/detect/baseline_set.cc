#include "detect/baseline_set.h"

#include "base/hash.h"
#include "detect/record.h"

namespace guardwatch {

std::uint64_t BaselineSet::Digest() const {
  ByteWriter out;
  out.Signed(coarse.count());
  for (const auto& [stream, baseline] : rates) {
    out.Text(stream);
    WriteBaseline(out, baseline);
  }
  if (groups) {
    for (const std::uint16_t last : groups->last) out.Varint(last);
  }
  for (const Baseline& share : group_shares) WriteBaseline(out, share);
  if (calibration) WriteCalibrationBaseline(out, *calibration);
  for (const auto* mean : {&log_loss, &brier}) {
    out.Bool(mean->has_value());
    if (*mean) WriteMeanBaseline(out, **mean);
  }
  for (const HistogramCell& cell : rank_reference.cells()) {
    out.Varint(cell.bin);
    out.Signed(cell.negative);
    out.Signed(cell.positive);
  }
  if (ranks) {
    for (const MeanBaseline& mean : *ranks) WriteMeanBaseline(out, mean);
  }
  const std::uint64_t digest = Fnv1a64(out.bytes());
  return digest == 0 ? 1 : digest;
}

}  // namespace guardwatch
