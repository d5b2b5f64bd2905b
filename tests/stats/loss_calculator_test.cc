#include "stats/loss_calculator.h"

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr double kLn2 = 0.69314718055994531;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Twelve labelled scores whose statistics were worked out independently, in double precision.
constexpr std::array<double, 12> kP{.02, .05, .10, .10, .30, .35, .45, .55, .60, .80, .90, .97};
constexpr std::array<std::size_t, 12> kY{0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1};

LossSummary Summarize(LossOptions options = {}) {
  LossCalculator calculator(1, std::move(options));
  for (std::size_t i = 0; i < kP.size(); ++i) calculator.Add(kY[i], std::array{kP[i]});
  return calculator.Summary().value();
}

LossOptions Logits() {
  LossOptions options;
  options.from_logits = true;
  return options;
}

TEST(LossCalculatorTest, WorkedExample) {
  const LossSummary summary = Summarize();
  EXPECT_EQ(summary.n, 12);
  EXPECT_EQ(summary.classes, 2u);
  EXPECT_NEAR(summary.loss_mean, .477809, 5e-7);
  EXPECT_NEAR(summary.loss_mean / kLn2, .689332, 5e-7);
  EXPECT_NEAR(summary.loss_sum, 12 * .477809, 12 * 5e-7);
  EXPECT_NEAR(summary.perplexity, 1.612537, 5e-7);
  EXPECT_NEAR(summary.brier, .154275, 5e-7);
  EXPECT_NEAR(summary.normalized_entropy.value(), .689332, 5e-7);
  EXPECT_NEAR(summary.brier_skill.value(), .3829, 5e-5);
  EXPECT_NEAR(summary.mean_predictions[1], .4325, 1e-15);
  EXPECT_EQ(summary.base_rates[1], .5);
  EXPECT_DOUBLE_EQ(summary.label_entropy, kLn2);
  // ln 2 of two halves, against .5675 and .4325: -ln(2 sqrt(.5675 * .4325)).
  EXPECT_NEAR(summary.divergence, -std::log(2 * std::sqrt(.5675 * .4325)), 1e-15);
}

TEST(LossCalculatorTest, TheProductFormAgrees) {
  const LossSummary summary = Summarize();
  double product = 1;
  for (std::size_t i = 0; i < kP.size(); ++i) product *= kY[i] == 1 ? kP[i] : 1 - kP[i];
  EXPECT_NEAR(product, .00323507, 5e-9);
  EXPECT_NEAR(std::exp(-summary.loss_sum) / product, 1, 1e-12);
  EXPECT_NEAR(std::exp(summary.log_product.value()) / product, 1, 1e-12);
}

TEST(LossCalculatorTest, SmoothedLabelsCostMore) {
  LossOptions options;
  options.label_smoothing = .1;
  const LossSummary summary = Summarize(options);
  EXPECT_NEAR(summary.loss_mean, .541835, 5e-7);
  EXPECT_NEAR(summary.log_product.value() + summary.loss_sum, 0, 1e-12);
}

TEST(LossCalculatorTest, ClassWeightsMakeAWeightedMean) {
  LossOptions options;
  options.class_weights = {1, 3};
  const LossSummary weighted = Summarize(options);
  double expected = 0;
  for (std::size_t i = 0; i < kP.size(); ++i) {
    expected -= kY[i] == 1 ? 3 * std::log(kP[i]) : std::log(1 - kP[i]);
  }
  EXPECT_EQ(weighted.weight_sum, 6 * 3 + 6);
  EXPECT_NEAR(weighted.loss_mean, expected / 24, 1e-14);
  EXPECT_EQ(weighted.base_rates[1], .75);
  EXPECT_NEAR(weighted.log_product.value(), -expected, 1e-12);
}

TEST(LossCalculatorTest, ThreeClassesFromLogits) {
  LossCalculator calculator(3, Logits());
  const LossSample& sample = calculator.Add(0, std::array{2.0, -1.0, .5});
  EXPECT_NEAR(sample.nats, .241311, 5e-7);
  EXPECT_NEAR(sample.converted[0], .785597, 5e-7);
  EXPECT_NEAR(calculator.Summary()->brier, .0782251, 5e-8);
}

TEST(LossCalculatorTest, LogitsAreNeitherClippedNorOverflow) {
  LossCalculator calculator(1, Logits());
  EXPECT_EQ(calculator.Add(1, std::array{-800.0}).nats, 800);
  EXPECT_EQ(calculator.Add(0, std::array{800.0}).nats, 800);
  EXPECT_EQ(calculator.Add(1, std::array{800.0}).nats, 0);
  const LossSummary summary = calculator.Summary().value();
  EXPECT_DOUBLE_EQ(summary.loss_sum, 1600);
  EXPECT_FALSE(summary.log_product) << "e^-800 is no double";
}

TEST(LossCalculatorTest, TheProductOfMildLogitsAgreesWhereOneMinusPWouldNot) {
  LossCalculator calculator(1, Logits());
  calculator.Add(0, std::array{50.0});  // 1 - Sigmoid(50) is 0 in double precision.
  EXPECT_NEAR(calculator.Summary()->log_product.value(), -50, 1e-12);
}

TEST(LossCalculatorTest, CertaintyThatFailsCostsWhatEpsSays) {
  LossCalculator calculator(1, {});
  EXPECT_NEAR(calculator.Add(1, std::array{0.0}).nats, 34.54, 5e-3);
  EXPECT_NEAR(calculator.Add(0, std::array{1.0}).nats, 34.54, 5e-3);
  EXPECT_NEAR(calculator.Add(1, std::array{1.0}).nats, 0, 2e-15);

  LossOptions exact;
  exact.eps = 0;
  LossCalculator unclipped(1, exact);
  EXPECT_EQ(unclipped.Add(1, std::array{1.0}).nats, 0);
  EXPECT_EQ(unclipped.Add(1, std::array{0.0}).nats, kInfinity);
  EXPECT_EQ(unclipped.Summary()->loss_mean, kInfinity);
  EXPECT_FALSE(unclipped.Summary()->log_product);
}

TEST(LossCalculatorTest, NothingIsNoLossAndOneClassHasNoBaseline) {
  LossCalculator calculator(1, {});
  EXPECT_FALSE(calculator.Summary());
  calculator.Add(1, std::array{.5});
  const LossSummary summary = calculator.Summary().value();
  EXPECT_DOUBLE_EQ(summary.loss_mean, kLn2);
  EXPECT_EQ(summary.label_entropy, 0);
  EXPECT_FALSE(summary.normalized_entropy);
  EXPECT_FALSE(summary.brier_skill);
}

TEST(LossCalculatorTest, SamplesWithoutWeightDoNotCount) {
  LossOptions options;
  options.class_weights = {0, 1};
  options.eps = 0;
  LossCalculator calculator(1, options);
  calculator.Add(0, std::array{1.0});  // Infinite loss.
  EXPECT_FALSE(calculator.Summary());
  calculator.Add(1, std::array{.5});
  EXPECT_DOUBLE_EQ(calculator.Summary()->loss_mean, kLn2);
}

TEST(LossCalculatorTest, AMillionSamplesKeepTwelveDigits) {
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  LossCalculator calculator(1, {});
  long double exact = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double p = (double(random() % 999) + 1) / 1000;
    const std::size_t label = random() % 2;
    calculator.Add(label, std::array{p});
    exact -= std::log(label == 1 ? static_cast<long double>(p) : 1 - static_cast<long double>(p));
  }
  const LossSummary summary = calculator.Summary().value();
  EXPECT_NEAR(summary.loss_sum / static_cast<double>(exact), 1, 1e-14);
  EXPECT_NEAR(summary.log_product.value() / -static_cast<double>(exact), 1, 1e-12);
}

}  // namespace
}  // namespace guardwatch
