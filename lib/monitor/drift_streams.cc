#include "monitor/drift_streams.h"

#include <array>
#include <iterator>

#include "monitor/options.h"

namespace guardwatch {
namespace {

Count Flagged(const Aggregate& a) { return {a.decided, a.flagged}; }
Count InBand(const Aggregate& a) { return {a.with_threshold, a.in_band}; }
Count Errors(const Aggregate& a) { return {a.decided + a.errors, a.errors}; }
Count Saturated(const Aggregate& a) { return {a.scored, a.saturated}; }
Count Recall(const Aggregate& a) { return {a.true_positive + a.false_negative, a.true_positive}; }
Count FalsePositives(const Aggregate& a) {
  return {a.false_positive + a.true_negative, a.false_positive};
}
Count Precision(const Aggregate& a) {
  return {a.true_positive + a.false_positive, a.true_positive};
}
// F1 = 2 J / (1 + J) rises and falls with J, which is a rate of independent events; F1 is not.
Count Jaccard(const Aggregate& a) {
  return {a.true_positive + a.false_positive + a.false_negative, a.true_positive};
}
Count Unlabeled(const Aggregate& a) { return {a.sampled, a.sampled - a.labeled}; }

constexpr std::array kStreams{
    DriftStream{kFailRate, "the share of decided requests that are flagged", "flagged requests",
                Direction::kBoth, false, true, Flagged},
    DriftStream{kBandShare, "the share of scores near the threshold", "scores near the threshold",
                Direction::kUp, false, true, InBand},
    DriftStream{"error_rate", "the share of requests on which the guardrail fails",
                "requests on which the guardrail fails", Direction::kUp, false, false, Errors},
    DriftStream{"saturated_share", "the share of scores that are exactly 0 or 1",
                "scores of exactly 0 or 1", Direction::kUp, false, false, Saturated},
    DriftStream{"recall", "the share of positives that are flagged", "positives that are flagged",
                Direction::kDown, true, false, Recall},
    DriftStream{"false_positive_rate", "the share of negatives that are flagged",
                "negatives that are flagged", Direction::kUp, true, false, FalsePositives},
    DriftStream{"precision", "the share of flagged requests that are positive",
                "flagged requests that are positive", Direction::kDown, true, false, Precision},
    DriftStream{"f1", "true positives among all that are flagged or positive",
                "true positives among all flagged or positive requests", Direction::kDown, true,
                false, Jaccard},
    DriftStream{kUnlabeledShare, "the share of requests without a label",
                "requests without a label", Direction::kUp, true, false, Unlabeled},
};

// The names that options know, in the same order.
template <std::size_t n>
constexpr bool Lists(const std::array<std::string_view, n>& names, bool label_based) {
  std::size_t found = 0;
  for (const DriftStream& stream : kStreams) {
    if (stream.label_based != label_based) continue;
    if (found == n || names[found++] != stream.name) return false;
  }
  return found == n;
}
static_assert(Lists(kFineRates, false) && Lists(kCoarseRates, true));

}  // namespace

std::span<const DriftStream> DriftStreams() { return kStreams; }

const DriftStream* FindRateStream(std::string_view name) {
  for (const DriftStream& stream : kStreams) {
    if (stream.name == name) return &stream;
  }
  return nullptr;
}

std::string_view StreamNamed(std::string_view name) {
  for (const std::string_view special : kSpecialStreams) {
    if (name == special) return special;
  }
  const DriftStream* const rate = FindRateStream(name);
  return rate == nullptr ? std::string_view{} : rate->name;
}

bool IsQuality(std::string_view name) { return name != kUnlabeledShare && IsLabelBased(name); }

bool IsLabelBased(std::string_view name) {
  if (name == kScoreDistribution) return false;
  const DriftStream* const rate = FindRateStream(name);
  return rate == nullptr || rate->label_based;
}

std::int64_t DriftStatistics() {
  return static_cast<std::int64_t>(kStreams.size() + std::size(kSpecialStreams)) + 1;
}

std::string_view DescribeStream(std::string_view name) {
  if (name == kScoreDistribution) return "how scores are distributed";
  if (name == kCalibration) return "how often scores of one height are positive";
  if (name == kLogLoss) return "the log loss of scores";
  if (name == kBrier) return "the Brier score";
  if (name == kRocAuc) return "how well scores rank positives above negatives";
  const DriftStream* const rate = FindRateStream(name);
  return rate == nullptr ? name : rate->what;
}

std::string_view NameStream(std::string_view name) {
  if (name == kScoreDistribution) return "the distribution of scores";
  if (name == kCalibration) return "how often scores of one height are positive";
  if (name == kLogLoss) return "the log loss";
  if (name == kBrier) return "the Brier score";
  if (name == kRocAuc) return "how well scores rank";
  const DriftStream* const rate = FindRateStream(name);
  return rate == nullptr ? name : rate->whose;
}

}  // namespace guardwatch
