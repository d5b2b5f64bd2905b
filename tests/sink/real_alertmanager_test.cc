#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/child_process.h"
#include "net/clock.h"
#include "net/http_client.h"
#include "net/loop_thread.h"
#include "net/raw_socket.h"
#include "sink/alertmanager_sink.h"
#include "sink/delivery.h"
#include "sink/notifications.h"

namespace guardwatch {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

// Debian's prometheus-alertmanager, on a free port, with a receiver that does nothing.
class RealAlertmanagerTest : public ::testing::Test {
 protected:
  RealAlertmanagerTest() {
    port_ = RawSocket::Listen().port();
    std::ofstream(directory_.File("alertmanager.yml"))
        << "route: {receiver: none}\nreceivers: [{name: none}]\n";
    process_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"prometheus-alertmanager",
                                 "--config.file=" + directory_.File("alertmanager.yml"),
                                 "--storage.path=" + directory_.File("data"),
                                 "--cluster.listen-address=", "--web.listen-address=" + Address()},
        directory_.File("alertmanager.log"));
  }
  ~RealAlertmanagerTest() override {
    thread_.Do([&] {
      delivery_.reset();
      client_.reset();
    });
  }

  std::string Address() const { return "127.0.0.1:" + std::to_string(port_); }

  // The body of a 200 answer; empty otherwise.
  std::string Get(const std::string& path) {
    const auto reply = thread_.Fetch(*client_, {.url = "http://" + Address() + path});
    return reply && reply->status == 200 ? reply->body : "";
  }

  std::string AlertsOnce(const std::function<bool(const std::string&)>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    std::string body;
    do {
      body = Get("/api/v2/alerts");
      std::this_thread::yield();
    } while (!condition(body) && std::chrono::steady_clock::now() < deadline);
    return body;
  }

  bool BecomesReady() {
    const auto deadline = std::chrono::steady_clock::now() + kTestDeadline;
    while (std::chrono::steady_clock::now() < deadline && process_->Running()) {
      if (!Get("/-/ready").empty()) return true;
      std::this_thread::yield();
    }
    return false;
  }

  void Update(std::vector<Notification> alerts) {
    thread_.Do([&] { delivery_->Update(std::move(alerts)); });
  }

  TemporaryDirectory directory_;
  LoopThread thread_;
  std::unique_ptr<HttpClient> client_ = std::make_unique<HttpClient>(thread_.loop());
  std::unique_ptr<Delivery> delivery_;
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

TEST_F(RealAlertmanagerTest, AnAlertIsActiveWhileItFiresAndGoneOnceItIsResolved) {
  ASSERT_TRUE(BecomesReady()) << "prometheus-alertmanager (Debian package of that name) must run";
  thread_.Do([&] {
    auto sinks = MakeAlertmanagerSinks(thread_.loop(), {.urls = {"http://" + Address()}}).value();
    delivery_ = std::make_unique<Delivery>(std::move(sinks[0]), DeliveryOptions{},
                                           RealDeliveryClock(thread_.loop()));
  });

  Notification alert = Firing("a");
  alert.labels["not-legal"] = "kept";
  alert.starts_at = Now() - 1min;
  Notification other = Firing("b");
  other.labels["alertname"] = "OtherAlert";
  other.starts_at = Now() - 1min;
  other.generator_url = "no URL: refused if it were sent";
  Update({alert, other});
  // Alertmanager takes the alerts of one request one by one: a reader may see the first alone.
  const std::string firing = AlertsOnce([](const std::string& body) {
    return body.find("ToxicityBandWide") != std::string::npos &&
           body.find("OtherAlert") != std::string::npos;
  });
  EXPECT_THAT(firing, HasSubstr(R"("alertname":"ToxicityBandWide")"));
  EXPECT_THAT(firing, HasSubstr(R"("not_legal":"kept")"));
  EXPECT_THAT(firing, HasSubstr(R"("summary":"band share above 0.08")"));
  EXPECT_THAT(firing, HasSubstr(R"("alertname":"OtherAlert")"));
  EXPECT_THAT(firing, Not(HasSubstr("category")));

  alert.resolved = true;
  alert.ends_at = Now();
  Update({alert, other});
  const std::string after = AlertsOnce(
      [](const std::string& body) { return body.find("ToxicityBandWide") == std::string::npos; });
  EXPECT_THAT(after, Not(HasSubstr("ToxicityBandWide")));
  EXPECT_THAT(after, HasSubstr(R"("alertname":"OtherAlert")"));

  const DeliveryStats stats = thread_.Do([&] { return delivery_->stats(); });
  EXPECT_EQ(stats.sent, 3u);
  EXPECT_EQ(stats.failed, 0u) << stats.last_error;
}

}  // namespace
}  // namespace guardwatch
