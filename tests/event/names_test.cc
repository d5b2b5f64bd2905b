#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "event/event.h"
#include "event/reject.h"

namespace guardwatch {
namespace {

TEST(EventKindTest, EveryKindHasTheNameThatEventsCarry) {
  constexpr std::array<std::string_view, kEventKinds> kNames{"score", "decision", "label",
                                                             "combined"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    EXPECT_EQ(ToString(static_cast<EventKind>(i)), kNames[i]);
  }
}

TEST(VerdictTest, EveryVerdictHasTheNameThatEventsCarry) {
  constexpr std::array<std::string_view, kVerdicts> kNames{"allow",  "block",    "flag",
                                                           "redact", "escalate", "error"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    EXPECT_EQ(ToString(static_cast<Verdict>(i)), kNames[i]);
  }
}

TEST(VerdictTest, OnlyAllowAndErrorAreNotFlagged) {
  EXPECT_FALSE(IsFlagged(Verdict::kAllow));
  EXPECT_FALSE(IsFlagged(Verdict::kError));
  for (const Verdict verdict :
       {Verdict::kBlock, Verdict::kFlag, Verdict::kRedact, Verdict::kEscalate}) {
    EXPECT_TRUE(IsFlagged(verdict)) << ToString(verdict);
  }
}

TEST(VariantTest, HasTheNamesThatEventsCarry) {
  EXPECT_EQ(ToString(Variant::kLive), "live");
  EXPECT_EQ(ToString(Variant::kCandidate), "candidate");
}

TEST(RejectReasonTest, ReasonsAreNamedAndOrderedAsTheChecksApply) {
  struct Row {
    RejectReason reason;
    std::string_view name;
  };
  constexpr std::array kInOrder{Row{RejectReason::kTooLarge, "too_large"},
                                Row{RejectReason::kTombstone, "tombstone"},
                                Row{RejectReason::kNotUtf8, "not_utf8"},
                                Row{RejectReason::kMalformedJson, "malformed_json"},
                                Row{RejectReason::kTooDeep, "too_deep"},
                                Row{RejectReason::kMissingField, "missing_field"},
                                Row{RejectReason::kBadType, "bad_type"},
                                Row{RejectReason::kUnexpectedKind, "unexpected_kind"},
                                Row{RejectReason::kIdTooLong, "id_too_long"},
                                Row{RejectReason::kBadTime, "bad_time"},
                                Row{RejectReason::kThresholdOutOfRange, "threshold_out_of_range"},
                                Row{RejectReason::kUnknownVerdict, "unknown_verdict"},
                                Row{RejectReason::kUnknownLabel, "unknown_label"},
                                Row{RejectReason::kScoreOutOfRange, "score_out_of_range"},
                                Row{RejectReason::kFutureTimestamp, "future_timestamp"}};
  static_assert(kInOrder.size() == kRejectReasons);
  for (std::size_t i = 0; i < kInOrder.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kInOrder[i].reason), i) << kInOrder[i].name;
    EXPECT_EQ(ToString(kInOrder[i].reason), kInOrder[i].name);
  }
}

TEST(CarriedKindsTest, ATopicOfOnlyLabelsCarriesLabelsAndNothingElse) {
  EXPECT_TRUE((CarriedKinds{.scores = false, .decisions = false, .labels = true}.only_labels()));
  EXPECT_FALSE((CarriedKinds{.scores = true, .decisions = false, .labels = true}.only_labels()));
  EXPECT_FALSE((CarriedKinds{.scores = false, .decisions = true, .labels = true}.only_labels()));
  EXPECT_FALSE((CarriedKinds{.scores = false, .decisions = false, .labels = false}.only_labels()));
  EXPECT_FALSE(CarriedKinds{}.only_labels());
}

}  // namespace
}  // namespace guardwatch
