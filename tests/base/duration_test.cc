#include "base/duration.h"

#include <array>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Row {
  std::string_view text;
  Duration duration;
};

TEST(ParseDurationTest, AddsNumbersWithUnitsInAnyOrder) {
  constexpr std::array kRows{Row{"0s", Duration(0)},
                             Row{"7us", Duration(7)},
                             Row{"250ms", milliseconds(250)},
                             Row{"90s", seconds(90)},
                             Row{"5m", minutes(5)},
                             Row{"1h30m", minutes(90)},
                             Row{"30m1h", minutes(90)},
                             Row{"1d", hours(24)},
                             Row{"2w", hours(24 * 14)},
                             Row{"007s", seconds(7)},
                             Row{"36600d", hours(24 * 36'600)}};
  for (const Row& row : kRows) EXPECT_EQ(ParseDuration(row.text), row.duration) << row.text;
}

TEST(ParseDurationTest, RefusesAnythingElse) {
  for (const std::string_view text :
       {"", "5", "s", "m5", "5x", "5M", "5 m", " 5m", "5m ", "-5m", "+5m", "1.5h", "1h30", "5mm",
        "36601d", "36600d1us", "99999999999999999999s", "5m\n"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(FormatDurationTest, WritesTheLargestUnitsUpToHours) {
  constexpr std::array kRows{Row{"0s", Duration(0)},
                             Row{"1us", Duration(1)},
                             Row{"250ms", milliseconds(250)},
                             Row{"1m30s", seconds(90)},
                             Row{"5m", minutes(5)},
                             Row{"1h30m", minutes(90)},
                             Row{"24h", hours(24)},
                             Row{"720h", hours(720)},
                             Row{"1h1us", hours(1) + Duration(1)},
                             Row{"1s1ms", milliseconds(1001)}};
  for (const Row& row : kRows) EXPECT_EQ(FormatDuration(row.duration), row.text);
}

TEST(FormatDurationTest, WritesWhatParseDurationReadsBack) {
  std::mt19937_64 random(1);
  constexpr std::uint64_t kCentury = 36'600ULL * 86'400 * 1'000'000;
  for (std::uint64_t longest = 1; longest < kCentury; longest *= 3) {
    for (int i = 0; i < 20; ++i) {
      const Duration duration(static_cast<std::int64_t>(random() % longest));
      EXPECT_EQ(ParseDuration(FormatDuration(duration)), duration) << FormatDuration(duration);
    }
  }
}

}  // namespace
}  // namespace guardwatch
