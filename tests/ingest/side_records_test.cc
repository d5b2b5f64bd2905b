#include "ingest/side_records.h"

#include <map>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

auto Fields(const Side& side) {
  return std::tuple(side.q, side.own_threshold, side.own_weight, side.event_threshold,
                    side.decided_at, side.label_key, side.positive, side.actual, side.label_weight);
}

// Each field there or not, whatever the others are.
Side Draw(std::mt19937_64& random) {
  const auto flip = [&] { return random() % 2 == 0; };
  Side side;
  side.q = static_cast<std::uint32_t>(random() % ((1u << 30) + 1));
  if (flip()) side.own_threshold = 0.5;
  if (flip()) side.own_weight = 3;
  if (flip()) side.event_threshold = 0.25;
  if (flip()) side.decided_at = EventPlace{random(), static_cast<std::int64_t>(random() % 1000)};
  if (flip()) side.label_key = LabelKey{-7, EventTimeFromMicros(5), {random(), 11}};
  if (flip()) side.positive = flip();
  if (flip()) side.actual = static_cast<ClassId>(random() % 100);
  if (flip()) side.label_weight = 1u << 24;
  return side;
}

TEST(SideRecordsTest, GivesBackWhatWasAddedAndUsesPlacesAgain) {
  constexpr std::uint64_t kSeed = 20261126;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  SideRecords records;
  std::map<SideRecords::Number, Side> kept;
  std::size_t most = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (kept.size() < 1'000 && (kept.empty() || random() % 3 != 0)) {
      const Side side = Draw(random);
      const SideRecords::Number number = records.Add(side);
      EXPECT_TRUE(kept.emplace(number, side).second) << "a number is given out once at a time";
      most = std::max(most, kept.size());
    } else {
      const auto any = std::next(kept.begin(), static_cast<std::ptrdiff_t>(random() % kept.size()));
      EXPECT_EQ(Fields(records[any->first]), Fields(any->second));
      records.Remove(any->first);
      kept.erase(any);
    }
  }
  for (const auto& [number, side] : kept) EXPECT_EQ(Fields(records[number]), Fields(side));
  EXPECT_LT(kept.rbegin()->first, most + 256) << "and given out again";
  for (const auto& [number, side] : kept) records.Remove(number);
  EXPECT_EQ(records.bytes(), 0u) << "what is gone is not counted, the rest of it included";
}

TEST(SideRecordsTest, ALabelAloneTakesFiftyTwoBytes) {
  SideRecords records;
  Side side;
  side.label_key = LabelKey{};
  side.positive = true;
  for (int i = 0; i < 1'000; ++i) records.Add(side);
  EXPECT_EQ(records.bytes(), 52'000u) << "with the place on the list of free ones";
  side.own_weight = 5;
  records.Add(side);
  EXPECT_GT(records.bytes(), 52'052u);
}

TEST(SideRecordsTest, ARecordOfDurableStateGivesBackEveryField) {
  constexpr std::uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1'000; ++i) {
    const Side side = Draw(random);
    ByteWriter out;
    WriteSide(out, side);
    ByteReader in(out.bytes());
    EXPECT_EQ(Fields(ReadSide(in)), Fields(side));
    EXPECT_TRUE(in.done());
  }
}

}  // namespace
}  // namespace guardwatch
