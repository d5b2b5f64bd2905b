// How durable state is written: what was written is read back, and what was not is noticed.

#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/state_changes.h"
#include "support/state_map.h"

namespace guardwatch {
namespace {

RC_GTEST_PROP(BytesTest, EveryValueComesBack,
              (std::uint8_t byte, bool flag, std::uint64_t number, std::int64_t integer,
               std::int64_t high, double real, std::string text)) {
  const Int128 wide = (static_cast<Int128>(high) << 64) | static_cast<Int128>(number);
  ByteWriter out;
  out.Byte(byte);
  out.Bool(flag);
  out.Varint(number);
  out.Signed(integer);
  out.Wide(wide);
  out.Real(real);
  out.Time(EventTimeFromMicros(integer));
  out.Text(text);
  out.Fixed(number);

  ByteReader in(out.bytes());

  RC_ASSERT(in.Byte() == byte);
  RC_ASSERT(in.Bool() == flag);
  RC_ASSERT(in.Varint() == number);
  RC_ASSERT(in.Signed() == integer);
  RC_ASSERT(in.Wide() == wide);
  RC_ASSERT(in.Real() == real);
  RC_ASSERT(Micros(in.Time()) == integer);
  RC_ASSERT(in.Text() == text);
  RC_ASSERT(in.Fixed<std::uint64_t>() == number);
  RC_ASSERT(in.done());
}

TEST(BytesTest, TheEndsOfTheRangesComeBack) {
  const auto least = std::numeric_limits<std::int64_t>::min();
  const auto most = std::numeric_limits<std::int64_t>::max();
  const Int128 widest = ~(static_cast<Int128>(1) << 126) & ~(static_cast<Int128>(1) << 127);
  for (const std::int64_t value : {least, least + 1, std::int64_t{-1}, std::int64_t{0}, most}) {
    ByteWriter out;
    out.Signed(value);
    EXPECT_EQ(ByteReader(out.bytes()).Signed(), value);
  }
  for (const Int128 value : {widest, -widest - 1, Int128{0}, Int128{-1}}) {
    ByteWriter out;
    out.Wide(value);
    EXPECT_EQ(ByteReader(out.bytes()).Wide() == value, true);
  }
}

TEST(BytesTest, SmallNumbersOfEitherSignAreShort) {
  ByteWriter out;
  out.Signed(-64);
  out.Signed(63);
  EXPECT_EQ(out.bytes().size(), 2u);
}

// A made-up record of every kind of field.
void ReadSome(ByteReader& in) {
  (void)in.Byte();
  (void)in.Signed();
  (void)in.Wide();
  (void)in.Text();
  for (std::size_t left = in.Count(); left > 0 && !in.bad(); --left) (void)in.Bool();
  (void)in.Fixed<std::uint64_t>();
}

RC_GTEST_PROP(BytesTest, AnythingCanBeReadAndNothingIsFoundBeyondTheEnd, (std::string bytes)) {
  ByteReader in(bytes);
  ReadSome(in);
  RC_ASSERT(in.left() <= bytes.size());
  if (in.bad()) {
    RC_ASSERT(in.left() == 0u);
    RC_ASSERT(!in.done());
    RC_ASSERT(in.Varint() == 0u);
  }
}

RC_GTEST_PROP(BytesTest, ARecordThatWasCutShortIsNoticed, (std::string text, bool flag)) {
  ByteWriter out;
  out.Byte(1);
  out.Signed(-5);
  out.Wide(7);
  out.Text(text);
  out.Varint(1);
  out.Bool(flag);
  out.Fixed(std::uint64_t{9});
  for (std::size_t size = 0; size < out.bytes().size(); ++size) {
    ByteReader in(std::string_view(out.bytes()).substr(0, size));
    ReadSome(in);
    RC_ASSERT(in.bad());
  }
}

TEST(BytesTest, WhatMakesNoSenseIsRefused) {
  EXPECT_TRUE([] {
    ByteReader in("\x02");
    (void)in.Bool();
    return in.bad();
  }());
  EXPECT_TRUE([] {
    ByteReader in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");  // More than 64 bits.
    (void)in.Varint();
    return in.bad();
  }());
  EXPECT_TRUE([] {
    ByteReader in(
        "\x05"
        "abcd");
    (void)in.Text();
    return in.bad();
  }());
  EXPECT_TRUE([] {
    ByteReader in("\x7f");
    return in.Count() == 0 && in.bad();
  }());
}

// --- Changes ---

RC_GTEST_PROP(StateKeysTest, KeysSortAsWhatTheyAreMadeOf,
              (std::int64_t a, std::int64_t b, std::uint32_t c, std::uint32_t d)) {
  const auto key = [](std::int64_t first, std::uint32_t second) {
    return KeyWriter("p").Number(first).Number(second).Take();
  };
  RC_ASSERT((key(a, c) < key(b, d)) == (std::pair(a, c) < std::pair(b, d)));
}

RC_GTEST_PROP(StateKeysTest, AKeyIsTakenApartAsItWasMade,
              (char tag, std::int64_t number, std::uint32_t other)) {
  const std::string key =
      KeyWriter().Tag(tag).Name("guardrail").Number(number).Number(other).Take();
  KeyReader in(key);
  RC_ASSERT(in.Tag() == tag);
  RC_ASSERT(in.Name() == "guardrail");
  RC_ASSERT(in.Number64() == number);
  RC_ASSERT(in.Number32() == other);
  RC_ASSERT(in.done());
}

RC_GTEST_PROP(StateKeysTest, AnyKeyCanBeRead, (std::string key)) {
  KeyReader in(key);
  (void)in.Tag();
  (void)in.Name();
  (void)in.Number64();
  (void)in.Number32();
  RC_ASSERT(in.rest().size() <= key.size());
}

// One step of a random history: what to do, and with which key.
using Step = std::tuple<std::uint8_t, std::uint8_t, std::string>;

void Apply(const Step& step, StateChanges& changes) {
  const auto& [what, which, value] = step;
  const std::string key = std::to_string(which % 32);  // Some are prefixes of others.
  if (what % 8 < 5) {
    changes.Put(key, value);
  } else if (what % 8 < 7) {
    changes.Erase(key);
  } else {
    changes.ErasePrefix(key);
  }
}

RC_GTEST_PROP(StateChangesTest, ChangesTakenTogetherDoWhatTheyDoOneByOne,
              (const std::vector<std::vector<Step>>& batches)) {
  StateMap one_by_one;
  StateChanges together;
  for (const std::vector<Step>& batch : batches) {
    StateChanges changes;
    for (const Step& step : batch) {
      StateChanges single;
      Apply(step, single);
      StateChanges under;
      under.Append(std::move(single), "u");
      one_by_one.Commit(under);
      Apply(step, changes);
    }
    together.Append(std::move(changes), "u");
  }
  StateMap at_once;
  at_once.Commit(together);
  RC_ASSERT(at_once == one_by_one);
}

RC_GTEST_PROP(StateChangesTest, CompactedChangesDoTheSame,
              (const std::vector<Step>& before, const std::vector<Step>& steps)) {
  StateMap whole;
  for (const Step& step : before) {
    StateChanges change;
    Apply(step, change);
    whole.Commit(change);
  }
  StateMap compacted = whole;
  StateChanges changes;
  for (const Step& step : steps) Apply(step, changes);
  whole.Commit(changes);
  changes.Compact();
  compacted.Commit(changes);
  RC_ASSERT(compacted == whole);
}

TEST(StateChangesTest, WhatIsToldAgainAndAgainTakesNoMoreMemory) {
  StateChanges kept;
  for (int i = 0; i < 100'000; ++i) {
    StateChanges change;
    change.ErasePrefix("segment" + std::to_string(i % 10));
    change.Put("position", std::to_string(i));
    kept.Append(std::move(change), "shard");
  }
  EXPECT_LT(kept.bytes(), 200'000u);
  StateMap map;
  map.Commit(kept);
  EXPECT_EQ(map.records().at("shardposition"), "99999");
}

TEST(StateChangesTest, PrefixesStandUnderThePrefixThatTheyWereAppendedUnder) {
  StateChanges before;
  before.Put("a1", "x");
  before.Put("b1", "x");
  StateChanges later;
  later.ErasePrefix("1");
  before.Append(std::move(later), "a");
  StateMap kept;
  kept.Commit(before);
  EXPECT_EQ(kept.records(), (std::map<std::string, std::string>{{"b1", "x"}}));
  EXPECT_EQ(before.bytes(), 2 + 1 + 2 + 1 + 2u);
}

}  // namespace
}  // namespace guardwatch
