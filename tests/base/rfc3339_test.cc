#include "base/rfc3339.h"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

struct Row {
  std::string_view text;
  std::int64_t micros;
};

TEST(ParseRfc3339Test, ReadsInstantsAsMicrosecondsSinceTheEpoch) {
  constexpr std::array kRows{
      Row{"1970-01-01T00:00:00Z", 0},
      Row{"2000-02-29T00:00:00Z", 951'782'400'000'000},
      Row{"2024-02-29T12:34:56Z", 1'709'210'096'000'000},
      Row{"2026-11-22T09:41:07.123Z", 1'795'340'467'123'000},
      Row{"1985-04-12T23:20:50.52Z", 482'196'050'520'000},          // RFC 3339, section 5.8.
      Row{"1996-12-19T16:39:57-08:00", 851'042'397'000'000},        // The same.
      Row{"1937-01-01T12:00:27.87+00:20", -1'041'337'172'130'000},  // The same.
      Row{"1969-12-31T23:59:59.999999Z", -1},
      Row{"1900-01-01T00:00:00Z", -2'208'988'800'000'000},
  };
  for (const Row& row : kRows) {
    const auto time = ParseRfc3339(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(Micros(*time), row.micros) << row.text;
  }
}

TEST(ParseRfc3339Test, TakesEverySpellingOfOneInstant) {
  for (const std::string_view text :
       {"2026-11-22T09:41:07Z", "2026-11-22t09:41:07Z", "2026-11-22 09:41:07Z",
        "2026-11-22T09:41:07z", "2026-11-22T09:41:07+00:00", "2026-11-22T09:41:07-00:00",
        "2026-11-22T15:11:07+05:30", "2026-11-21T09:42:07-23:59", "2026-11-23T09:40:07+23:59",
        "2026-11-22T09:41:07.0Z", "2026-11-22T09:41:07.000000000Z"}) {
    const auto time = ParseRfc3339(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(Micros(*time), 1'795'340'467'000'000) << text;
  }
}

TEST(ParseRfc3339Test, TruncatesDigitsBeyondMicroseconds) {
  EXPECT_EQ(Micros(ParseRfc3339("1970-01-01T00:00:00.1234569Z").value()), 123'456);
  EXPECT_EQ(Micros(ParseRfc3339("1970-01-01T00:00:00.999999999999999999999999Z").value()), 999'999);
  EXPECT_EQ(Micros(ParseRfc3339("1969-12-31T23:59:59.9999999Z").value()), -1);
}

TEST(ParseRfc3339Test, RefusesWhatIsNoInstant) {
  for (const std::string_view text : {"",
                                      "2026-11-22",
                                      "2026-11-22T09:41Z",
                                      "2026-11-22T09:41:07",
                                      "2026-11-22T09:41:60Z",
                                      "2016-12-31T23:59:60Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T09:60:00Z",
                                      "2026-11-31T09:41:07Z",
                                      "2026-02-29T09:41:07Z",
                                      "1900-02-29T09:41:07Z",
                                      "2026-00-10T09:41:07Z",
                                      "2026-13-10T09:41:07Z",
                                      "2026-11-00T09:41:07Z",
                                      "2026-11-22T09:41:07.Z",
                                      "2026-11-22T09:41:07,5Z",
                                      "2026-11-22T09:41:07+24:00",
                                      "2026-11-22T09:41:07+01:60",
                                      "2026-11-22T09:41:07+0100",
                                      "2026-11-22T09:41:07+01",
                                      "2026-11-22T09:41:07ZZ",
                                      "2026-11-22T09:41:07Z ",
                                      " 2026-11-22T09:41:07Z",
                                      "2026-11-22_09:41:07Z",
                                      "26-11-22T09:41:07Z",
                                      "+2026-11-22T09:41:07Z",
                                      "2026-1-22T09:41:07Z",
                                      "2026-11-22T09:41:-7Z",
                                      "9999-12-31T23:59:59-00:01",
                                      "0000-01-01T00:00:00+00:01"}) {
    EXPECT_FALSE(ParseRfc3339(text)) << text;
  }
}

TEST(FormatRfc3339Test, WritesNoThreeOrSixDigits) {
  constexpr std::array kRows{Row{"1970-01-01T00:00:00Z", 0},
                             Row{"2026-11-22T09:41:07Z", 1'795'340'467'000'000},
                             Row{"2026-11-22T09:41:07.100Z", 1'795'340'467'100'000},
                             Row{"2026-11-22T09:41:07.000001Z", 1'795'340'467'000'001},
                             Row{"2024-02-29T23:59:59.999999Z", 1'709'251'199'999'999},
                             Row{"1969-12-31T23:59:59.999999Z", -1},
                             Row{"1969-12-31T23:59:59.500Z", -500'000},
                             Row{"1969-12-31T00:00:00Z", -86'400'000'000},
                             Row{"1900-01-01T00:00:00Z", -2'208'988'800'000'000}};
  for (const Row& row : kRows) {
    EXPECT_EQ(FormatRfc3339(EventTimeFromMicros(row.micros)), row.text);
    EXPECT_EQ(FormatRfc3339(WallTime(Duration(row.micros))), row.text);
    EXPECT_EQ(ParseRfc3339(row.text), EventTimeFromMicros(row.micros)) << row.text;
  }
}

}  // namespace
}  // namespace guardwatch
