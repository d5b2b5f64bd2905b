#include "base/shared.h"

#include <string>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(SharedTest, IsTheDefaultValueUntilItIsChanged) {
  Shared<std::string> text;
  EXPECT_EQ(*text, "");
  text.Own() = "value";
  EXPECT_EQ(text->size(), 5u);
  text = {};
  EXPECT_TRUE(text->empty());
}

TEST(SharedTest, CopiesOfAFrozenOneShareItUntilEitherChanges) {
  Shared<std::string> text(std::string("first"));
  text.Freeze();
  Shared<std::string> copy(text);
  EXPECT_EQ(&*copy, &*text);
  text.Own() = "second";
  EXPECT_EQ(*copy, "first");
  const std::string* const place = &*text;
  text.Own() += " again";
  EXPECT_EQ(&*text, place) << "its own value is changed where it is";
  text.Freeze();
  copy = text;
  copy.Own() = "third";
  EXPECT_EQ(*text, "second again");
}

TEST(SharedTest, CopiesOfOneThatIsNotFrozenAreApart) {
  Shared<std::string> text(std::string("first"));
  const Shared<std::string> copy(text);
  text.Own() = "second";
  EXPECT_EQ(*copy, "first");
}

}  // namespace
}  // namespace guardwatch
