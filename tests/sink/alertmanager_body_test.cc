#include "sink/alertmanager_body.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sink/notifications.h"
#include "support/golden.h"

namespace guardwatch {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

const WallTime kNow = At("2026-11-22T10:07:30.5Z");

std::string Body(const Notification& alert) {
  return AlertmanagerBody(std::vector{alert}, kNow, minutes(15));
}

TEST(AlertmanagerBodyTest, WritesTheBatchThatAlertmanagerReads) {
  Notification hostile = Firing("b");
  hostile.labels["bad-name"] = "kept under a legal name";
  hostile.labels["0day"] = "quote \" and newline \n";
  hostile.annotations["summary"] = "not UTF-8: \xff";
  hostile.generator_url = "not a URL";
  const std::vector<Notification> batch{Firing("a"), hostile, Resolved("c")};
  std::string body = AlertmanagerBody(batch, kNow, minutes(15));
  // One alert per line, for the reader of the file.
  for (std::size_t at = 0; (at = body.find("},{", at)) != std::string::npos; ++at) {
    body.insert(at + 2, 1, '\n');
  }
  ExpectGolden("alertmanager_alerts.json", body + "\n");
}

TEST(AlertmanagerBodyTest, AFiringAlertEndsFarEnoughAheadToOutliveARestart) {
  EXPECT_THAT(Body(Firing("a")), HasSubstr(R"("endsAt":"2026-11-22T10:22:30.500Z")"));
  Notification ahead = Firing("a");
  ahead.starts_at = At("2026-11-22T10:30:00Z");  // Event time may run before our clock.
  EXPECT_THAT(Body(ahead), HasSubstr(R"("endsAt":"2026-11-22T10:45:00Z")"));
}

TEST(AlertmanagerBodyTest, AResolvedAlertEndsWhenItWasResolvedAndAlwaysAfterItsStart) {
  EXPECT_THAT(Body(Resolved("a")), HasSubstr(R"("endsAt":"2026-11-22T10:05:00Z")"));

  Notification at_once = Resolved("a");
  at_once.ends_at = at_once.starts_at;
  EXPECT_THAT(Body(at_once), HasSubstr(R"("endsAt":"2026-11-22T10:00:00.001Z")"));

  Notification in_the_future = Resolved("a");
  in_the_future.ends_at = kNow + minutes(5);
  EXPECT_THAT(Body(in_the_future), HasSubstr(R"("endsAt":"2026-11-22T10:07:30.500Z")"));
}

TEST(AlertmanagerBodyTest, DropsEmptyLabelsAndWhatIsNoUrl) {
  EXPECT_THAT(Body(Firing("a")), Not(HasSubstr("category")));
  Notification alert = Firing("a");
  alert.generator_url = "";
  EXPECT_THAT(Body(alert), Not(HasSubstr("generatorURL")));
}

TEST(AlertmanagerBodyTest, ALegalLabelNameWinsOverOneThatBecomesTheSame) {
  Notification alert = Firing("a");
  alert.labels = {{"a-b", "first"}, {"a_b", "legal"}, {"a.b", "last"}};
  EXPECT_THAT(Body(alert), HasSubstr(R"("labels":{"a_b":"legal"})"));
}

TEST(AlertmanagerBodyTest, NoAlertsAreAnEmptyList) {
  EXPECT_EQ(AlertmanagerBody({}, kNow, minutes(15)), "[]");
}

TEST(AlertmanagerLabelNameTest, ReplacesWhatIsNotLegal) {
  EXPECT_EQ(AlertmanagerLabelName("model_version2"), "model_version2");
  EXPECT_EQ(AlertmanagerLabelName("tier-A.x"), "tier_A_x");
  EXPECT_EQ(AlertmanagerLabelName("9lives"), "_9lives");
  EXPECT_EQ(AlertmanagerLabelName(""), "_");
  EXPECT_EQ(AlertmanagerLabelName("\xc3\xa4"), "__");
}

}  // namespace
}  // namespace guardwatch
