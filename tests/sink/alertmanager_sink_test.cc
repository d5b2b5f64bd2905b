#include "sink/alertmanager_sink.h"

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/child_process.h"
#include "net/http_server.h"
#include "net/loop_thread.h"
#include "net/raw_socket.h"
#include "sink/delivery.h"
#include "sink/notifications.h"

namespace guardwatch {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A receiver that answers as the test wants: what a real Alertmanager does only on a bad day.
class AlertmanagerSinkTest : public ::testing::Test {
 protected:
  AlertmanagerSinkTest() {
    thread_.Do([&] {
      server_ =
          std::make_unique<HttpServer>(thread_.loop(), HttpServerOptions{.max_body_bytes = 1 << 20},
                                       [this](const HttpRequest& request, const Respond& respond) {
                                         requests_.push_back(request);
                                         if (!hang_) return respond(answer_);
                                         held_.push_back(respond);
                                       });
      port_ = server_->Listen().value();
    });
  }
  ~AlertmanagerSinkTest() override {
    thread_.Do([&] {
      sinks_.clear();
      held_.clear();
      server_.reset();
    });
  }

  std::string Url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  Result<void> Send(AlertmanagerOptions options, std::vector<Notification> batch = {Firing("a")}) {
    return thread_.Await<Result<void>>([&](const auto& done) {
      if (options.urls.empty()) options.urls = {Url()};
      sinks_ = MakeAlertmanagerSinks(thread_.loop(), options).value();
      sinks_[0]->Send(std::move(batch), done);
    });
  }

  Result<void> SendAnswered(int status, const std::string& body) {
    thread_.Do([&] { answer_ = {.status = status, .body = body}; });
    return Send({});
  }

  HttpRequest LastRequest() {
    return thread_.Do([&] { return requests_.at(requests_.size() - 1); });
  }

  std::string WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(directory_.File(name), std::ios::trunc) << text;
    return directory_.File(name);
  }

  LoopThread thread_;
  TemporaryDirectory directory_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<AlertSink>> sinks_;
  std::vector<HttpRequest> requests_;
  std::vector<Respond> held_;
  HttpResponse answer_;
  bool hang_ = false;
  std::uint16_t port_ = 0;
};

TEST_F(AlertmanagerSinkTest, PostsTheAlertsAsJsonBelowThePrefix) {
  const auto result = Send({.urls = {Url("/team/a/")}});
  ASSERT_TRUE(result) << result.error().message;
  const HttpRequest request = LastRequest();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/team/a/api/v2/alerts");
  EXPECT_EQ(request.Header("content-type"), "application/json");
  EXPECT_EQ(request.Header("authorization"), std::nullopt);
  EXPECT_THAT(request.body, StartsWith(R"([{"labels":{"alertname":"ToxicityBandWide")"));
}

TEST_F(AlertmanagerSinkTest, TakesABatchOfFullSize) {
  std::vector<Notification> batch(256, Firing("a"));
  for (Notification& alert : batch) alert.annotations["evidence"] = std::string(2000, 'e');
  EXPECT_TRUE(Send({}, batch));
  EXPECT_GT(LastRequest().body.size(), 512'000u);
}

TEST_F(AlertmanagerSinkTest, RefusedAsMalformedIsFinal) {
  for (const int status : {400, 413, 422}) {
    const auto result = SendAnswered(status, "bad\nlabel" + std::string(1000, '.'));
    ASSERT_FALSE(result);
    EXPECT_FALSE(result.error().retryable) << status;
    EXPECT_THAT(result.error().message, StartsWith("POST " + Url("/api/v2/alerts") + ": HTTP " +
                                                   std::to_string(status) + ": bad label..."));
    EXPECT_LT(result.error().message.size(), 300u);
  }
}

TEST_F(AlertmanagerSinkTest, EveryOtherAnswerMayPass) {
  for (const int status : {301, 401, 404, 429, 500, 503}) {
    const auto result = SendAnswered(status, "");
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().retryable) << status;
    EXPECT_THAT(result.error().message, HasSubstr("HTTP " + std::to_string(status)));
  }
}

TEST_F(AlertmanagerSinkTest, GivesUpOnAReceiverThatHangs) {
  thread_.Do([&] { hang_ = true; });
  const auto result = Send({.timeout = 50ms});
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
  EXPECT_THAT(result.error().message, HasSubstr("timed out after 50ms"));
}

TEST_F(AlertmanagerSinkTest, AReceiverThatResetsTheConnectionIsTriedAgain) {
  const auto listener = RawSocket::Listen();
  std::thread peer([&] {
    RawSocket connection = listener.Accept();
    connection.ReceiveUntil("\r\n\r\n");
    connection.Reset();
  });
  const auto result = Send({.urls = {"http://127.0.0.1:" + std::to_string(listener.port())}});
  peer.join();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
}

TEST_F(AlertmanagerSinkTest, ReadsThePasswordAnewEachTimeAndNeverShowsIt) {
  const AlertmanagerOptions options{
      .basic_auth = BasicAuth{"Aladdin", WriteFile("password", "open sesame\n")}};
  ASSERT_TRUE(Send(options));
  // RFC 7617, section 2.
  EXPECT_EQ(LastRequest().Header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  WriteFile("password", "changed");
  ASSERT_TRUE(Send(options));
  EXPECT_EQ(LastRequest().Header("authorization"), "Basic QWxhZGRpbjpjaGFuZ2Vk");
}

TEST_F(AlertmanagerSinkTest, SendsTheBearerToken) {
  ASSERT_TRUE(Send({.bearer_token_file = WriteFile("token", "t0ken\r\n")}));
  EXPECT_EQ(LastRequest().Header("authorization"), "Bearer t0ken");
}

TEST_F(AlertmanagerSinkTest, ASecretThatCannotBeUsedIsAnErrorThatNamesTheFileOnly) {
  const auto missing = Send({.bearer_token_file = directory_.File("missing")});
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().retryable);
  EXPECT_EQ(missing.error().message, "alertmanager " + Url() + ": cannot read the secret in '" +
                                         directory_.File("missing") + "'");
  EXPECT_FALSE(Send({.bearer_token_file = WriteFile("empty", "\n")}));
  const auto broken = Send({.bearer_token_file = WriteFile("broken", "hunter2\nX-Evil: 1")});
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(AlertmanagerSinkTest, EveryPeerIsASinkOfItsOwn) {
  IoLoop loop;
  const auto sinks =
      MakeAlertmanagerSinks(loop, {.urls = {"http://a:9093", "https://b:9093/prefix/"}});
  ASSERT_TRUE(sinks);
  ASSERT_EQ(sinks->size(), 2u);
  EXPECT_TRUE((*sinks)[0]->wants_repeats());
  EXPECT_EQ((*sinks)[1]->name(), "alertmanager https://b:9093/prefix");
}

TEST_F(AlertmanagerSinkTest, MalformedOptionsAreRefused) {
  IoLoop loop;
  const auto bad_url = MakeAlertmanagerSinks(loop, {.urls = {"http://a", "http://u:hunter2@b"}});
  ASSERT_FALSE(bad_url);
  EXPECT_EQ(bad_url.error().message,
            "alertmanager: urls[1]: a URL must not hold a user name or password");
  EXPECT_FALSE(MakeAlertmanagerSinks(
      loop, {.urls = {"http://a"}, .basic_auth = BasicAuth{"u", "f"}, .bearer_token_file = "t"}));
}

// The whole way with real time: the receiver is down at first, and gets the state once it is up.
TEST_F(AlertmanagerSinkTest, ADeliveryReachesAReceiverThatComesBack) {
  std::unique_ptr<Delivery> delivery;
  thread_.Do([&] {
    answer_.status = 503;
    auto sinks = MakeAlertmanagerSinks(thread_.loop(), {.urls = {Url()}}).value();
    delivery = std::make_unique<Delivery>(std::move(sinks[0]),
                                          DeliveryOptions{.backoff_min = 1ms, .backoff_max = 5ms},
                                          RealDeliveryClock(thread_.loop()));
    delivery->Update({Firing("a")});
  });
  EXPECT_TRUE(thread_.Eventually([&] { return delivery->stats().circuit == Circuit::kOpen; }));
  thread_.Do([&] { answer_.status = 200; });
  EXPECT_TRUE(thread_.Eventually([&] { return delivery->stats().sent == 1; }));
  thread_.Do([&] { delivery.reset(); });
}

}  // namespace
}  // namespace guardwatch
