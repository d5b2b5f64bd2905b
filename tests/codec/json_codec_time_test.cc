#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/decoder.h"

namespace guardwatch {
namespace {

std::string AtTime(std::string_view json) {
  return R"({"guardrail":"g","score":0.5,"time":)" + std::string(json) + "}";
}

using TimeCases = std::vector<std::pair<const char*, std::int64_t>>;

void ExpectTimes(const TimeCases& cases) {
  for (const auto& [json, micros] : cases) {
    Decoder decoder;
    ASSERT_EQ(decoder.Decode(AtTime(json)), std::nullopt) << json;
    EXPECT_EQ(Micros(decoder.event.time), micros) << json;
  }
}

TEST(EventTimeField, ReadsRfc3339) {
  ExpectTimes({{R"("2026-11-22T09:41:07Z")", 1'795'340'467'000'000},
               {R"("2026-11-22t09:41:07z")", 1'795'340'467'000'000},
               {R"("2026-11-22 09:41:07.5Z")", 1'795'340'467'500'000},
               {R"("2026-11-22T10:41:07.123456+01:00")", 1'795'340'467'123'456},
               {R"("2026-11-21T23:41:07-10:00")", 1'795'340'467'000'000},
               {R"("2026-11-22T09:41:07.1234569Z")", 1'795'340'467'123'456},
               {R"("1969-12-31T23:59:59.9999999Z")", -1},
               {R"("2026-11-22\u005409:41:07Z")", 1'795'340'467'000'000},
               {R"("0001-01-01T00:00:00Z")", -62'135'596'800'000'000},
               {R"("9999-12-31T23:59:59.999999Z")", 253'402'300'799'999'999}});
}

TEST(EventTimeField, IsReadTheSameWhateverMinuteTheEventBeforeWasOf) {
  const TimeCases cases{{R"("2026-11-22T09:41:07.123Z")", 1'795'340'467'123'000},
                        {R"("2026-11-22T09:41:59.999Z")", 1'795'340'519'999'000},
                        {R"("2026-11-22T09:41:07.5Z")", 1'795'340'467'500'000},
                        {R"("2026-11-22T09:41:07.123456Z")", 1'795'340'467'123'456},
                        {R"("2026-11-22T09:42:00.000Z")", 1'795'340'520'000'000},
                        {R"("2026-11-22T09:41:00.001Z")", 1'795'340'460'001'000},
                        {R"("1969-12-31T23:59:59.999Z")", -1'000},
                        {R"("1969-12-31T23:59:00.000Z")", -60'000'000}};
  Decoder decoder;
  for (const auto& [json, micros] : cases) {
    ASSERT_EQ(decoder.Decode(AtTime(json)), std::nullopt) << json;
    EXPECT_EQ(Micros(decoder.event.time), micros) << json;
    ASSERT_EQ(decoder.Decode(AtTime(json)), std::nullopt) << json << " again";
    EXPECT_EQ(Micros(decoder.event.time), micros) << json << " again";
  }
  ASSERT_EQ(decoder.Decode(AtTime(R"("2026-11-22T09:41:07.123Z")")), std::nullopt);
  for (const char* json : {R"("2026-11-22T09:41:60.123Z")", R"("2026-11-22T09:41:07,123Z")",
                           R"("2026-11-22T09:41:07.12xZ")", R"("2026-11-22T09:41:60.123456Z")",
                           R"("2026-11-22T09:41:07.12345/Z")", R"("2026-11-22T09:41:07.123x56Z")",
                           R"("2026-11-22T09:41:07.123456z.")", R"("2026-11-22T09:41-07.123Z")"}) {
    EXPECT_EQ(decoder.Decode(AtTime(json)), RejectReason::kBadTime) << json;
  }
}

TEST(EventTimeField, IsBadTimeWhereZerosStandForTheMinute) {
  std::string zeros;
  for (int i = 0; i < 16; ++i) zeros += "\\u0000";
  Decoder decoder;  // That has read no minute yet.
  EXPECT_EQ(decoder.Decode(AtTime('"' + zeros + R"(:07.107109Z")")), RejectReason::kBadTime);
}

TEST(EventTimeField, TellsTheUnitOfANumberByItsMagnitude) {
  ExpectTimes({{"0", 0},
               {"1795340467", 1'795'340'467'000'000},
               {"99999999999", 99'999'999'999'000'000},
               {"100000000000", 100'000'000'000'000},
               {"1795340467123", 1'795'340'467'123'000},
               {"99999999999999", 99'999'999'999'999'000},
               {"100000000000000", 100'000'000'000'000},
               {"1795340467123456", 1'795'340'467'123'456},
               {"99999999999999999", 99'999'999'999'999'999},
               {"100000000000000000", 100'000'000'000'000},
               {"1795340467123456789", 1'795'340'467'123'456},
               {"253402300799999999999", 253'402'300'799'999'999}});
}

TEST(EventTimeField, ReadsNegativeNumbersAsTimesBeforeTheEpoch) {
  ExpectTimes({{"-1", -1'000'000},
               {"-62135596800", -62'135'596'800'000'000},
               {"-2e19", -20'000'000'000'000'000},
               {"-100000000000", -100'000'000'000'000},
               {"-100000000000000001", -100'000'000'000'001}});
}

TEST(EventTimeField, RoundsFractionalNumbersToTheNearestMicrosecond) {
  ExpectTimes({{"1795340467.123456", 1'795'340'467'123'456},
               {"1795340467.1234567", 1'795'340'467'123'457},
               {"1795340467123.4567", 1'795'340'467'123'457},
               {"1795340467123456.75", 1'795'340'467'123'457},
               {"1.795340467123456789e18", 1'795'340'467'123'457},
               {"1.795340467e9", 1'795'340'467'000'000},
               {"0.0000005", 0},
               {"0.0000015", 2},
               {"-0.25", -250'000}});
}

TEST(EventTimeField, IsBadTimeWhenItCannotBeRead) {
  for (const char* json :
       {R"("")", R"("now")", R"("2026-11-22")", R"("2026-11-22T09:41Z")",
        R"("2026-11-22T09:41:07")", R"("2026-11-22T09:41:60Z")", R"("2026-02-29T00:00:00Z")",
        R"("2026-11-22T24:00:00Z")", R"("2026-11-22T09:41:07.Z")", R"("1795340467")",
        R"("2026-11-22T09:41:07Z ")", R"("0000-12-31T23:59:59Z")", "253402300800000000000",
        "-62135596801", "1e30", "-1e300", "99999999999999999999999",
        "-9999999999999999999999999999999999999999"}) {
    Decoder decoder;
    EXPECT_EQ(decoder.Decode(AtTime(json)), RejectReason::kBadTime) << json;
  }
}

TEST(EventTimeField, IsBadTypeWhenItIsNeitherTextNorNumber) {
  for (const char* json : {"true", "[]", "{}"}) {
    Decoder decoder;
    decoder.context.record_timestamp = EventTimeFromMicros(7);
    EXPECT_EQ(decoder.Decode(AtTime(json)), RejectReason::kBadType) << json;
  }
}

TEST(EventTimeField, IsTheRecordsTimestampWhenAbsent) {
  Decoder decoder;
  EXPECT_EQ(decoder.Decode(AtTime("null")), RejectReason::kMissingField);
  decoder.context.record_timestamp = EventTimeFromMicros(1'234'567);
  EXPECT_EQ(decoder.Decode(AtTime("null")), std::nullopt);
  EXPECT_EQ(Micros(decoder.event.time), 1'234'567);
  EXPECT_EQ(decoder.Decode(R"({"guardrail":"g","score":0.5})"), std::nullopt);
  EXPECT_EQ(Micros(decoder.event.time), 1'234'567);
  EXPECT_EQ(decoder.Decode(AtTime("5")), std::nullopt);
  EXPECT_EQ(Micros(decoder.event.time), 5'000'000) << "the event's own time comes first";
}

}  // namespace
}  // namespace guardwatch
