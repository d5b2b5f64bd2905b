#include "base/slots.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(SlotsTest, ValuesStayWhereTheyAreWhileOthersComeAndGo) {
  Slots<std::string> slots;
  const auto first = slots.Add("first");
  const std::string* const at = &slots[first];
  std::vector<Slots<std::string>::Number> others;
  for (int i = 0; i < 1000; ++i) others.push_back(slots.Add(std::to_string(i)));
  EXPECT_EQ(&slots[first], at);
  EXPECT_EQ(slots[first], "first");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(slots[others[std::size_t(i)]], std::to_string(i));
  EXPECT_EQ(slots.size(), 1001u);
}

TEST(SlotsTest, ANumberIsGivenOutAgainAndTheValueBeforeIsGone) {
  Slots<std::string> slots;
  slots.Add("kept");
  const auto gone = slots.Add("gone");
  const std::size_t bytes = slots.bytes();
  slots.Remove(gone);
  EXPECT_EQ(slots.bytes(), bytes / 2);
  EXPECT_EQ(slots.size(), 1u);
  EXPECT_EQ(slots[gone], "");
  for (int i = 0; i < 1000; ++i) {
    const auto again = slots.Add("again");
    EXPECT_EQ(again, gone);
    slots.Remove(again);
  }
}

}  // namespace
}  // namespace guardwatch
