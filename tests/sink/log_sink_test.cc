#include "sink/log_sink.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sink/notifications.h"

namespace guardwatch {
namespace {

TEST(LogSinkTest, WritesOneLinePerChangeAndReportsLater) {
  std::vector<std::string> lines;
  std::vector<std::function<void()>> posted;
  LogSink sink([&](std::string_view line) { lines.emplace_back(line); },
               [&](std::function<void()> call) { posted.push_back(std::move(call)); });
  Notification hostile = Resolved("b");
  hostile.labels = {{"alertname", "a\nfake line"}};
  bool delivered = false;
  sink.Send({Firing("a"), hostile},
            [&](const Result<void>& result) { delivered = result.has_value(); });

  EXPECT_FALSE(sink.wants_repeats());
  EXPECT_EQ(lines, (std::vector<std::string>{
                       R"({"alert":"firing","id":"a","starts_at":"2026-11-22T10:00:00Z",)"
                       R"("labels":{"alertname":"ToxicityBandWide","category":"",)"
                       R"("guardrail":"toxicity","severity":"page","value":"a"},)"
                       R"("annotations":{"summary":"band share above 0.08"}})",
                       R"({"alert":"resolved","id":"b","starts_at":"2026-11-22T10:00:00Z",)"
                       R"("ends_at":"2026-11-22T10:05:00Z",)"
                       R"("labels":{"alertname":"a\nfake line"},)"
                       R"("annotations":{"summary":"band share above 0.08"}})"}));
  EXPECT_FALSE(delivered);
  ASSERT_EQ(posted.size(), 1u);
  posted[0]();
  EXPECT_TRUE(delivered);
}

}  // namespace
}  // namespace guardwatch
