#include "base/boxed.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(BoxedTest, TakesAPointerAndHoldsNothingAtFirst) {
  const Boxed<std::string> none;
  EXPECT_EQ(sizeof(none), sizeof(void*));
  EXPECT_FALSE(none.has_value());
  EXPECT_FALSE(Boxed<std::string>(none).has_value()) << "nor does its copy";
}

TEST(BoxedTest, ACopyHasAValueOfItsOwn) {
  Boxed<std::string> box;
  box.emplace(3, 'x');
  Boxed<std::string> copy(box);
  *copy = "other";
  EXPECT_EQ(*box, "xxx");
  box = copy;
  EXPECT_EQ(*box, "other");
  const Boxed<std::string>& itself = box;
  box = itself;
  EXPECT_EQ(*box, "other");
}

TEST(BoxedTest, WhatIsMovedIsGoneFromWhereItWas) {
  Boxed<std::string> box;
  box = std::string("value");
  const std::string* const place = &*box;
  const Boxed<std::string> taken(std::move(box));
  EXPECT_EQ(&*taken, place) << "the value stays where it is";
  EXPECT_EQ(taken->size(), 5u);
  EXPECT_FALSE(box.has_value());  // NOLINT(bugprone-use-after-move): what this is about.
}

TEST(BoxedTest, ResetTakesTheValueAway) {
  Boxed<std::string> box;
  box = std::string("value");
  box.reset();
  EXPECT_FALSE(box);
}

}  // namespace
}  // namespace guardwatch
