#include "source/fleet.h"

#include "base/check.h"

namespace guardwatch {
namespace {

constexpr QuantilePoint kInjectionScores[] = {
    {0, 500},           {600'000, 12'000},  {850'000, 60'000},  {920'000, 250'000},
    {945'000, 600'000}, {955'000, 800'000}, {985'000, 950'000}, {kMillion, 999'000}};
constexpr QuantilePoint kHateScores[] = {{0, 2'000},         {550'000, 40'000},  {750'000, 150'000},
                                         {880'000, 400'000}, {930'000, 500'000}, {975'000, 800'000},
                                         {kMillion, 990'000}};
constexpr QuantilePoint kThreatScores[] = {
    {0, 1'000}, {800'000, 20'000}, {930'000, 150'000}, {970'000, 500'000}, {kMillion, 970'000}};
constexpr QuantilePoint kPiiScores[] = {{0, 1'000},         {650'000, 30'000},
                                        {850'000, 200'000}, {910'000, 600'000},
                                        {980'000, 950'000}, {kMillion, 999'000}};
constexpr QuantilePoint kTopScores[] = {{0, 450'000}, {300'000, 700'000}, {kMillion, 990'000}};
constexpr QuantilePoint kLatencies[] = {{0, 2'000},         {500'000, 14'000},
                                        {900'000, 45'000},  {990'000, 180'000},
                                        {999'000, 700'000}, {kMillion, 2'500'000}};
// exp(z) in thousandths at the usual quantiles of the normal distribution.
constexpr QuantilePoint kReviewDelays[] = {{0, 45},          {10'000, 98},      {50'000, 193},
                                           {250'000, 509},   {500'000, 1'000},  {750'000, 1'963},
                                           {950'000, 5'180}, {990'000, 10'240}, {kMillion, 21'980}};

constexpr GuardrailProfile kProfiles[] = {
    {"prompt-injection", "jailbreak", "pi-2026-10", "", "block", kInjectionScores, 800'000, false},
    {"toxicity", "hate", "tox-v12", "tox-v13", "flag", kHateScores, 500'000, false},
    {"toxicity", "threat", "tox-v12", "tox-v13", "escalate", kThreatScores, 500'000, false},
    {"pii", "", "pii-3.4", "", "redact", kPiiScores, 600'000, true},
    {"topic-router", "", "router-5", "", "", {}, 0, false}};

std::uint8_t DrawWeighted(Random& random, std::span<const std::uint32_t> percents) {
  std::uint32_t at = random.Below(100);
  std::uint8_t index = 0;
  while (at >= percents[index]) at -= percents[index++];
  return index;
}

}  // namespace

const GuardrailProfile& ProfileOf(Guardrail guardrail) {
  GUARDWATCH_CHECK(guardrail <= kTopicRouter);
  return kProfiles[guardrail];
}

std::uint8_t DrawLanguage(Random& random) {
  static constexpr std::array<std::uint32_t, kLanguages.size()> kPercents{55, 20, 10, 10, 5};
  return DrawWeighted(random, kPercents);
}

std::uint8_t DrawTier(Random& random) {
  static constexpr std::array<std::uint32_t, kTiers.size()> kPercents{60, 30, 10};
  return DrawWeighted(random, kPercents);
}

std::uint32_t DrawLatencyMicros(Random& random) { return random.Draw(kLatencies); }

std::array<std::uint32_t, kTopics.size()> DrawTopicScores(Random& random) {
  std::array<std::uint32_t, kTopics.size()> scores{};
  const std::uint32_t top = random.Draw(kTopScores);
  const std::uint32_t second = random.Below(kMillion - top);
  const std::uint32_t third = random.Below(kMillion - top - second);
  const std::uint32_t first_place = random.Below(kTopics.size());
  const std::array<std::uint32_t, kTopics.size()> drawn{top, second, third,
                                                        kMillion - top - second - third};
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    scores[(first_place + i) % drawn.size()] = drawn[i];
  }
  return scores;
}

Duration DrawReviewDelay(Random& random, Duration median) {
  return Duration(median.count() / 1000 * random.Draw(kReviewDelays));
}

}  // namespace guardwatch
