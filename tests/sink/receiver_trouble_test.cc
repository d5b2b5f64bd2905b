#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "net/child_process.h"
#include "net/http_server.h"
#include "net/loop_thread.h"
#include "net/raw_socket.h"
#include "sink/alertmanager_sink.h"
#include "sink/delivery.h"
#include "sink/notifications.h"

// Receivers on their bad days, over real sockets: none takes more than its deadline, none is
// believed that did not say yes, and none is felt by anybody else.

namespace guardwatch {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;

std::string UrlOf(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

std::vector<Notification> ManyFiring(int count) {
  std::vector<Notification> alerts;
  for (int i = 0; i < count; ++i) alerts.push_back(Firing("alert-" + std::to_string(i)));
  return alerts;
}

class ReceiverTroubleTest : public ::testing::Test {
 protected:
  ~ReceiverTroubleTest() override {
    thread_.Do([&] {
      deliveries_.clear();
      sink_.reset();
      server_.reset();
    });
  }

  Result<void> Send(AlertmanagerOptions options, std::vector<Notification> batch = {Firing("a")}) {
    return thread_.Await<Result<void>>([&](const auto& done) {
      if (!sink_) {
        sink_ = std::move(MakeAlertmanagerSinks(thread_.loop(), options).value()[0]);
      }
      sink_->Send(std::move(batch), done);
    });
  }

  // What a receiver that does `behave` with a connection makes of one alert.
  Result<void> SendTo(const std::function<void(RawSocket&)>& behave,
                      std::chrono::milliseconds timeout) {
    const auto listener = RawSocket::Listen();
    std::thread peer([&] {
      RawSocket connection = listener.Accept();
      connection.ReceiveUntil("]");
      behave(connection);
    });
    const auto result = Send({.urls = {UrlOf(listener.port())}, .timeout = timeout});
    peer.join();
    return result;
  }

  // A receiver that takes everything and keeps it in `bodies_`.
  std::uint16_t Serve(HttpServerOptions options = {}) {
    return thread_.Do([&] {
      server_ = std::make_unique<HttpServer>(
          thread_.loop(), options, [this](const HttpRequest& request, const Respond& respond) {
            bodies_.push_back(request.body);
            respond({});
          });
      return server_->Listen().value();
    });
  }

  Delivery& Deliver(std::uint16_t port, DeliveryOptions options) {
    return *thread_.Do([&] {
      const AlertmanagerOptions receiver{.urls = {UrlOf(port)}, .timeout = 50ms};
      auto sinks = MakeAlertmanagerSinks(thread_.loop(), receiver).value();
      deliveries_.push_back(std::make_unique<Delivery>(std::move(sinks[0]), options,
                                                       RealDeliveryClock(thread_.loop())));
      return deliveries_.back().get();
    });
  }

  LoopThread thread_;
  TemporaryDirectory directory_;
  std::unique_ptr<AlertSink> sink_;
  std::unique_ptr<HttpServer> server_;
  std::vector<std::unique_ptr<Delivery>> deliveries_;
  std::vector<std::string> bodies_;
};

TEST_F(ReceiverTroubleTest, OneThatNeverReadsIsGivenUpAfterTheDeadline) {
  const auto listener = RawSocket::Listen();
  Notification large = Firing("a");
  large.annotations["evidence"] = std::string(16 << 20, 'e');  // More than the kernel takes.

  const auto result = Send({.urls = {UrlOf(listener.port())}, .timeout = 100ms}, {large});

  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
  EXPECT_THAT(result.error().message, HasSubstr("timed out after 100ms"));
}

TEST_F(ReceiverTroubleTest, OneThatNeverEndsItsAnswerIsNotBelieved) {
  const auto result = SendTo(
      [&](RawSocket& connection) {
        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
        connection.ReceiveAll();  // Until we hang up.
      },
      100ms);

  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
}

TEST_F(ReceiverTroubleTest, OneThatAnswersWithoutEndIsCutShort) {
  const auto result = SendTo(
      [](RawSocket& connection) {
        connection.Send("HTTP/1.1 503 Busy\r\nContent-Length: 1000000000\r\n\r\n");
        connection.Send(std::string(64 << 20, 'x'));  // Returns when we hang up.
      },
      30s);

  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
  EXPECT_THAT(result.error().message, AllOf(HasSubstr("HTTP 503"), SizeIs(Le(400u))));
}

TEST_F(ReceiverTroubleTest, OneThatSpeaksSomethingElseIsTriedAgain) {
  const auto result =
      SendTo([](RawSocket& connection) { connection.Send("SSH-2.0-OpenSSH_9.2\r\n"); }, 30s);

  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().retryable);
}

TEST_F(ReceiverTroubleTest, OneThatTakesOnlySmallBodiesGetsTheBatchInParts) {
  const std::uint16_t port = Serve({.max_body_bytes = 4096});

  const auto first = Send({.urls = {UrlOf(port)}}, ManyFiring(100));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = Send({}, ManyFiring(100));
  ASSERT_TRUE(second) << second.error().message;

  const auto bodies = thread_.Do([&] { return bodies_; });
  EXPECT_THAT(bodies, Each(SizeIs(Le(4096u))));
  for (int i = 0; i < 100; ++i) {
    const std::string label = "\"alert-" + std::to_string(i) + "\"";
    const auto with = std::count_if(bodies.begin(), bodies.end(), [&](const std::string& body) {
      return body.find(label) != std::string::npos;
    });
    EXPECT_EQ(with, 2) << label << ": once for each batch";
  }
}

TEST_F(ReceiverTroubleTest, AnAlertThatIsTooLargeByItselfIsRefusedAndTheOthersArrive) {
  const std::uint16_t port = Serve({.max_body_bytes = 4096});
  std::vector<Notification> batch = ManyFiring(8);
  batch[3].annotations["evidence"] = std::string(5000, 'e');

  const auto result = Send({.urls = {UrlOf(port)}}, batch);

  ASSERT_FALSE(result);
  EXPECT_FALSE(result.error().retryable);
  EXPECT_THAT(result.error().message, HasSubstr("HTTP 413"));
  EXPECT_LT(thread_.Do([&] { return bodies_.size(); }), 7u) << "not all of them one by one";
  std::string all;
  for (const std::string& body : thread_.Do([&] { return bodies_; })) all += body;
  for (int i = 0; i < 8; ++i) {
    const auto label = HasSubstr("\"alert-" + std::to_string(i) + "\"");
    if (i == 3) {
      EXPECT_THAT(all, Not(label));
    } else {
      EXPECT_THAT(all, label);
    }
  }
}

TEST_F(ReceiverTroubleTest, ASecretThatIsAPipeHoldsNobodyUp) {
  const std::string pipe = directory_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);

  const auto result = Send({.urls = {"http://127.0.0.1:1"}, .bearer_token_file = pipe});

  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("cannot read the secret"));
}

TEST_F(ReceiverTroubleTest, ASecretOfUnlikelySizeIsNone) {
  const std::string path = directory_.File("large");
  std::ofstream(path) << std::string(1 << 20, 's');

  const auto result = Send({.urls = {"http://127.0.0.1:1"}, .bearer_token_file = path});

  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("cannot read the secret"));
}

TEST_F(ReceiverTroubleTest, OneThatHangsIsBoundedAndCountedAndFeltByNoOther) {
  auto silent = std::make_unique<RawSocket>(RawSocket::Listen());
  const std::uint16_t silent_port = silent->port();
  const std::uint16_t good_port = Serve();
  const DeliveryOptions options{
      .max_alerts = 100, .backoff_min = 1ms, .backoff_max = 5ms, .open_circuit_after = 3};
  Delivery& hanging = Deliver(silent_port, options);
  Delivery& good = Deliver(good_port, options);

  // Ever other alerts, far more than there is place for.
  for (int round = 0; round < 50; ++round) {
    std::vector<Notification> current;
    for (int i = 0; i < 10; ++i) {
      current.push_back(Firing("alert-" + std::to_string(round) + "-" + std::to_string(i)));
    }
    thread_.Do([&] {
      hanging.Update(current);
      good.Update(current);
    });
    ASSERT_TRUE(thread_.Eventually([&] { return good.stats().queue_length == 0; }));
    EXPECT_LE(thread_.Do([&] { return hanging.stats().queue_length; }), 10u);
  }
  EXPECT_EQ(thread_.Do([&] { return good.stats().sent; }), 500u);
  EXPECT_EQ(thread_.Do([&] { return good.stats().dropped; }), 0u);
  EXPECT_EQ(thread_.Do([&] { return hanging.stats().sent; }), 0u);
  EXPECT_EQ(thread_.Do([&] { return hanging.stats().dropped; }), 490u)
      << "every alert that came and went untold";
  EXPECT_TRUE(thread_.Eventually([&] { return hanging.stats().circuit == Circuit::kOpen; }));
  EXPECT_THAT(thread_.Do([&] { return hanging.stats().last_error; }), HasSubstr("timed out"));

  thread_.Do([&] { hanging.Update(ManyFiring(150)); });
  EXPECT_EQ(thread_.Do([&] { return hanging.stats().queue_length; }), 100u);
  EXPECT_EQ(thread_.Do([&] { return hanging.stats().dropped; }), 490u + 10u + 50u);

  // It is replaced by one that works, which is told what is true now and nothing of before.
  silent.reset();
  thread_.Do([&] {
    deliveries_.pop_back();
    bodies_.clear();
    server_.reset();
  });
  Serve({.port = silent_port});
  EXPECT_TRUE(thread_.Eventually([&] { return hanging.stats().sent == 100; }));
  EXPECT_EQ(thread_.Do([&] { return hanging.stats().circuit; }), Circuit::kClosed);
  EXPECT_THAT(thread_.Do([&] { return bodies_; }), Each(Not(HasSubstr("alert-49-"))));
}

}  // namespace
}  // namespace guardwatch
