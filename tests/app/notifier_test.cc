#include "app/notifier.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

using std::chrono::minutes;

EventTime At(minutes m) { return EventTime(Duration(minutes(1'000'000) + m)); }
WallTime WallAt(minutes m) { return WallTime(Duration(minutes(1'000'000) + m)); }

Alert Firing() {
  Alert alert;
  alert.id = "0123456789abcdef";
  alert.labels = {{"alertname", "FailRateHigh"}};
  alert.state = AlertState::kFiring;
  alert.pending_since = At(minutes(1));
  alert.firing_since = At(minutes(3));
  return alert;
}

TEST(NotificationTest, CarriesTheTimesOfTheStream) {
  const Notification sent = ToNotification(Firing(), WallAt(minutes(10)), "http://guardwatch");
  EXPECT_EQ(sent.starts_at, WallAt(minutes(3)));
  EXPECT_FALSE(sent.resolved);
  EXPECT_FALSE(sent.ends_at);
  EXPECT_EQ(sent.annotations.at("since"), "1971-11-26T10:41:00Z");
}

TEST(NotificationTest, IsNeverAheadOfTheWallClock) {
  const Notification sent = ToNotification(Firing(), WallAt(minutes(2)), "");
  EXPECT_EQ(sent.starts_at, WallAt(minutes(2)));
}

TEST(NotificationTest, AResolvedAlertSaysWhenItEnded) {
  Alert alert = Firing();
  alert.state = AlertState::kResolved;
  alert.resolved_at = At(minutes(7));
  const Notification sent = ToNotification(alert, WallAt(minutes(10)), "");
  EXPECT_TRUE(sent.resolved);
  EXPECT_EQ(sent.ends_at, WallAt(minutes(7)));
}

}  // namespace
}  // namespace guardwatch
