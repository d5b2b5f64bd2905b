#include "stats/cross_entropy.h"

#include <array>
#include <cmath>
#include <limits>
#include <rapidcheck.h>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

constexpr double kLn2 = 0.69314718055994531;
const std::array<double, 3> kLogits{2, -1, .5};

TEST(CrossEntropyTest, OfTwoClassesIsMinusTheLogOfWhatHappened) {
  EXPECT_DOUBLE_EQ(BinaryCrossEntropy(.5, 1), kLn2);
  EXPECT_DOUBLE_EQ(BinaryCrossEntropy(.25, 1), 2 * kLn2);
  EXPECT_DOUBLE_EQ(BinaryCrossEntropy(.75, 0), 2 * kLn2);
  EXPECT_EQ(BinaryCrossEntropy(1, 1), 0);
  EXPECT_EQ(BinaryCrossEntropy(0, 0), 0);
  EXPECT_EQ(BinaryCrossEntropy(0, 1), std::numeric_limits<double>::infinity());
}

TEST(CrossEntropyTest, KeepsSmallProbabilities) {
  EXPECT_DOUBLE_EQ(BinaryCrossEntropy(1e-20, 0), 1e-20);
}

TEST(CrossEntropyTest, FromALogitNeverOverflows) {
  EXPECT_NEAR(BinaryCrossEntropyFromLogit(2, 1), .126928, 5e-7);
  EXPECT_NEAR(BinaryCrossEntropyFromLogit(2, 0), 2.126928, 5e-7);
  EXPECT_EQ(BinaryCrossEntropyFromLogit(-800, 1), 800);
  EXPECT_EQ(BinaryCrossEntropyFromLogit(800, 0), 800);
  EXPECT_EQ(BinaryCrossEntropyFromLogit(800, 1), 0);
}

TEST(CrossEntropyTest, OfSoftmaxHasThePublishedValues) {
  EXPECT_NEAR(CrossEntropyFromLogits(kLogits, 0), .241311, 5e-7);
  std::array<double, 3> p{};
  Softmax(kLogits, p);
  EXPECT_NEAR(p[0], .785597, 5e-7);
  EXPECT_NEAR(p[1], .039113, 5e-7);
  EXPECT_NEAR(p[2], .175290, 5e-7);
  EXPECT_NEAR(BrierScore(p, 0), .0782251, 5e-8);
}

TEST(CrossEntropyTest, SoftmaxOfHugeLogitsIsACertainty) {
  const std::array<double, 2> logits{800, -800};
  std::array<double, 2> p{};
  Softmax(logits, p);
  EXPECT_EQ(p[0], 1);
  EXPECT_EQ(p[1], 0);
  EXPECT_EQ(CrossEntropyFromLogits(logits, 1), 1600);
}

TEST(EntropyTest, RunsFromCertaintyToUniform) {
  EXPECT_EQ(Entropy(std::array{1.0, 0.0}), 0);
  EXPECT_DOUBLE_EQ(Entropy(std::array{.25, .25, .25, .25}), 2 * kLn2);
}

TEST(KullbackLeiblerTest, HasThePublishedValuesAndIsInfiniteWhereTheOtherSaysNever) {
  const std::array r{.5, .3, .15, .05};
  const std::array c{.4, .3, .2, .1};
  EXPECT_NEAR(KullbackLeibler(c, r), .0375937, 5e-8);
  EXPECT_NEAR(KullbackLeibler(r, c), .0337621, 5e-8);
  EXPECT_EQ(KullbackLeibler(std::array{.5, .5}, std::array{1.0, 0.0}),
            std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(KullbackLeibler(std::array{1.0, 0.0}, std::array{.5, .5}), kLn2);
}

// A number in [-40, 40] on a grid of 1/1000.
double AnyLogit() { return *rc::gen::inRange(-40'000, 40'001) / 1000.0; }

TEST(CrossEntropyTest, LogitsAndProbabilitiesAgree) {
  EXPECT_TRUE(rc::check([] {
    const double logit = AnyLogit() / 4;  // Beyond that 1 - p has lost its digits.
    const double target = *rc::gen::inRange(0, 11) / 10.0;
    const double direct = BinaryCrossEntropyFromLogit(logit, target);
    RC_ASSERT(std::fabs(direct - BinaryCrossEntropy(Sigmoid(logit), target)) <= 1e-11);
  }));
}

TEST(CrossEntropyTest, TwoClassesAreTheBinaryCase) {
  EXPECT_TRUE(rc::check([] {
    const double logit = AnyLogit();
    const double smoothing = *rc::gen::inRange(0, 11) / 10.0;
    const double target = 1 - smoothing + smoothing / 2;
    const std::array logits{0.0, logit};
    RC_ASSERT(std::fabs(CrossEntropyFromLogits(logits, 1, smoothing) -
                        BinaryCrossEntropyFromLogit(logit, target)) <= 1e-12);
  }));
}

TEST(CrossEntropyTest, IsEntropyPlusDivergence) {
  EXPECT_TRUE(rc::check([] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 8);
    std::vector<double> a(size), b(size), p(size), q(size);
    for (double& x : a) x = AnyLogit() / 8;
    for (double& x : b) x = AnyLogit() / 8;
    Softmax(a, p);
    Softmax(b, q);
    double cross = 0;
    for (std::size_t k = 0; k < size; ++k) cross += p[k] * CrossEntropyFromLogits(b, k);
    RC_ASSERT(std::fabs(cross - Entropy(p) - KullbackLeibler(p, q)) <= 1e-12);
  }));
}

}  // namespace
}  // namespace guardwatch
