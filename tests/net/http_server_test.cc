#include "net/http_server.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>
#include <zlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/loop_thread.h"
#include "net/raw_socket.h"

namespace guardwatch {
namespace {

using std::chrono::milliseconds;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Gunzip(const std::string& bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string text(1 << 20, '\0');
  std::string input = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

// A server and a client that live on one I/O thread; the test talks to them from outside.
class HttpServerTest : public ::testing::Test {
 protected:
  ~HttpServerTest() override {
    thread_.Do([&] {
      held_.clear();
      client_.reset();
      server_.reset();
    });
  }

  void Serve(HttpServerOptions options = {}) {
    thread_.Do([&] {
      server_ = std::make_unique<HttpServer>(
          thread_.loop(), std::move(options),
          [this](const HttpRequest& request, Respond respond) { Handle(request, respond); });
      client_ = std::make_unique<HttpClient>(thread_.loop());
      const auto port = server_->Listen();
      ASSERT_TRUE(port) << port.error().message;
      port_ = *port;
    });
  }

  // /echo shows what arrived, /large is worth compressing, /hold waits for ReleaseHeld, /drop
  // forgets to answer.
  void Handle(const HttpRequest& request, const Respond& respond) {
    if (request.path == "/echo ä") {
      std::string text = request.method + " " + request.body;
      for (const auto& [name, value] : request.query)
        text.append("|").append(name).append("=").append(value);
      text.append("|").append(request.Header("x-test").value_or("none"));
      return respond({.body = text, .headers = {{"X-Answer", "42"}}});
    }
    if (request.path == "/large") return respond({.body = std::string(100'000, 'a')});
    if (request.path == "/hold") return held_.push_back(respond);
    if (request.path == "/drop") return;
    respond({.status = 404, .body = "not here\n"});
  }

  void WaitForHeld(std::size_t count) {
    ASSERT_TRUE(thread_.Eventually([&] { return held_.size() == count; }));
  }
  void ReleaseHeld(const std::string& body) {
    thread_.Do([&] {
      for (const Respond& respond : std::exchange(held_, {})) respond({.body = body});
    });
  }

  std::string Url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + target;
  }
  Result<HttpReply> Fetch(HttpCall call) { return thread_.Fetch(*client_, std::move(call)); }
  HttpServerStats Stats() {
    return thread_.Do([&] { return server_->stats(); });
  }

  LoopThread thread_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_;
  std::vector<Respond> held_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, HandsTheDecodedRequestToTheHandler) {
  Serve();
  const auto reply = Fetch({.method = "POST",
                            .url = Url("/echo%20%C3%A4?a=1&b=x%26y+z"),
                            .headers = {{"X-Test", "yes"}},
                            .body = "payload"});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "POST payload|a=1|b=x&y z|yes");
  EXPECT_EQ(FindHeader(reply->headers, "x-answer"), "42");
  EXPECT_EQ(FindHeader(reply->headers, "x-content-type-options"), "nosniff");
}

TEST_F(HttpServerTest, GetHasNoBodyAndUnknownPathsAreTheHandlersBusiness) {
  Serve();
  EXPECT_EQ(Fetch({.url = Url("/echo%20%C3%A4")})->body, "GET |none");
  EXPECT_EQ(Fetch({.url = Url("/nowhere")})->status, 404);
}

TEST_F(HttpServerTest, CompressedBodiesReadBackTheSame) {
  Serve();
  const auto reply = Fetch({.url = Url("/large"), .headers = {{"Accept-Encoding", "gzip"}}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(FindHeader(reply->headers, "content-encoding"), "gzip");
  EXPECT_LT(reply->body.size(), 1000u);
  EXPECT_EQ(Gunzip(reply->body), std::string(100'000, 'a'));
}

TEST_F(HttpServerTest, TheClientCutsOffALongReply) {
  Serve();
  const auto reply = Fetch({.url = Url("/large")});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->body, std::string(kReplyBodyLimit, 'a'));
}

TEST_F(HttpServerTest, HeadIsAnsweredWithTheLengthOnly) {
  Serve();
  const auto reply = Fetch({.method = "HEAD", .url = Url("/large")});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(FindHeader(reply->headers, "content-length"), "100000");
  EXPECT_EQ(reply->body, "");
}

TEST_F(HttpServerTest, AConnectionServesOneRequestAfterTheOther) {
  Serve();
  const auto client = RawSocket::Connect(port_);
  client.Send(
      "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  WaitForHeld(1);
  ReleaseHeld("first");
  const std::string answers = client.ReceiveAll();
  EXPECT_THAT(answers, ContainsRegex("keep-alive.*\r\n\r\nfirstHTTP/1.1 404 .*Connection: close"));
  EXPECT_EQ(Stats().requests, 2u);
}

TEST_F(HttpServerTest, AnOldClientIsAnsweredAndDisconnected) {
  Serve();
  const auto client = RawSocket::Connect(port_);
  client.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(), HasSubstr("Connection: close"));
}

TEST_F(HttpServerTest, RefusesBodiesAndHeadersThatAreTooLarge) {
  Serve({.max_body_bytes = 1000});
  const auto reply =
      Fetch({.method = "POST", .url = Url("/echo"), .body = std::string(200'000, 'b')});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 413);

  const auto client = RawSocket::Connect(port_);
  client.Send("GET / HTTP/1.1\r\nX-Long: " + std::string(20'000, 'h') + "\r\n\r\n");
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpServerTest, ABodyInChunksIsLimitedToo) {
  Serve({.max_body_bytes = 1000});
  const auto client = RawSocket::Connect(port_);
  client.Send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i) client.Send("200\r\n" + std::string(0x200, 'c') + "\r\n");
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, AnswersGarbageOnceAndDisconnects) {
  Serve();
  for (const char* garbage :
       {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET relative HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /?x=%1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"}) {
    const auto client = RawSocket::Connect(port_);
    client.Send(garbage);
    EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 400 ")) << garbage;
  }
  // After a good request, on the same connection: the good one keeps its answer.
  const auto client = RawSocket::Connect(port_);
  client.Send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nrubbish rubbish rubbish\r\n\r\n");
  const std::string answers = client.ReceiveAll();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(answers, HasSubstr("HTTP/1.1 400 "));
}

TEST_F(HttpServerTest, DropsAClientThatIsTooSlow) {
  Serve({.read_timeout = milliseconds(50), .idle_timeout = milliseconds(60)});
  const auto silent = RawSocket::Connect(port_);
  const auto hesitant = RawSocket::Connect(port_);
  hesitant.Send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  const auto idle = RawSocket::Connect(port_);
  idle.Send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(silent.ReceiveAll(), "");
  EXPECT_EQ(hesitant.ReceiveAll(), "");
  EXPECT_THAT(idle.ReceiveAll(), StartsWith("HTTP/1.1 404 "));
  EXPECT_TRUE(thread_.Eventually([&] { return server_->stats().connections == 0; }));
}

TEST_F(HttpServerTest, AnAnswerMayComeLaterFromTheLoop) {
  Serve();
  const auto client = RawSocket::Connect(port_);
  client.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  WaitForHeld(1);
  ReleaseHeld("finally");
  EXPECT_THAT(client.ReceiveUntil("finally"), HasSubstr("finally"));
}

TEST_F(HttpServerTest, OnlyTheFirstAnswerCounts) {
  Serve();
  const auto client = RawSocket::Connect(port_);
  client.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  WaitForHeld(1);
  const Respond kept = thread_.Do([&] { return held_.front(); });
  ReleaseHeld("first");
  EXPECT_THAT(client.ReceiveUntil("first"), HasSubstr("first"));
  client.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  WaitForHeld(1);
  // The request that waits now is another one: an old answer must not reach it.
  thread_.Do([&] { kept({.body = "stray"}); });
  ReleaseHeld("second");
  EXPECT_THAT(client.ReceiveUntil("second"), Not(HasSubstr("stray")));
}

TEST_F(HttpServerTest, AForgottenAnswerIsAnInternalErrorAndALateOneUnavailable) {
  Serve({.response_timeout = milliseconds(50)});
  EXPECT_EQ(Fetch({.url = Url("/drop")})->status, 500);
  EXPECT_EQ(Fetch({.url = Url("/hold")})->status, 503);
  ReleaseHeld("too late");
}

TEST_F(HttpServerTest, AClientMayLeaveWhileItsAnswerIsPrepared) {
  Serve();
  {
    const auto client = RawSocket::Connect(port_);
    client.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    WaitForHeld(1);
  }
  ReleaseHeld("nobody reads this");
  EXPECT_TRUE(thread_.Eventually([&] { return server_->stats().connections == 0; }));
}

TEST_F(HttpServerTest, ReportsAPortInUse) {
  Serve();
  thread_.Do([&] {
    HttpServer second(thread_.loop(), {.port = port_}, [](const HttpRequest&, const Respond&) {});
    const auto port = second.Listen();
    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().message, "cannot listen on 127.0.0.1:" + std::to_string(port_) +
                                        ": the address is already in use");
    HttpServer nowhere(thread_.loop(), {.address = "example.org"},
                       [](const HttpRequest&, const Respond&) {});
    EXPECT_FALSE(nowhere.Listen());
  });
}

TEST_F(HttpServerTest, RefusesConnectionsOverTheLimitUntilOneIsFree) {
  Serve({.max_connections = 8});
  std::vector<RawSocket> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(RawSocket::Connect(port_));
  ASSERT_TRUE(thread_.Eventually([&] { return server_->stats().connections == 8; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(RawSocket::Connect(port_).ReceiveAll(), StartsWith("HTTP/1.1 503 "));
  }
  EXPECT_EQ(Stats().connections_refused, 20u);
  clients.pop_back();
  ASSERT_TRUE(thread_.Eventually([&] { return server_->stats().connections == 7; }));
  EXPECT_EQ(Fetch({.url = Url("/a")})->status, 404);
}

TEST_F(HttpServerTest, ClosingLetsRequestsUnderWayFinish) {
  Serve();
  bool closed = false;
  {
    const auto busy = RawSocket::Connect(port_);
    busy.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    WaitForHeld(1);
    const auto idle = RawSocket::Connect(port_);
    ASSERT_TRUE(thread_.Eventually([&] { return server_->stats().connections == 2; }));

    thread_.Do([&] { server_->Close(kTestDeadline, [&] { closed = true; }); });
    EXPECT_EQ(idle.ReceiveAll(), "");
    EXPECT_FALSE(Fetch({.url = Url("/a")}));
    EXPECT_FALSE(thread_.Do([&] { return closed; }));
    ReleaseHeld("last words");
    const std::string answer = busy.ReceiveAll();
    EXPECT_THAT(answer, HasSubstr("last words"));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
  }
  EXPECT_TRUE(thread_.Eventually([&] { return closed; }));
}

TEST_F(HttpServerTest, ClosingDoesNotWaitBeyondItsDeadline) {
  Serve();
  const auto busy = RawSocket::Connect(port_);
  busy.Send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
  WaitForHeld(1);
  thread_.Await<bool>(
      [&](const auto& done) { server_->Close(milliseconds(20), [done] { done(true); }); });
  EXPECT_EQ(busy.ReceiveAll(), "");
  ReleaseHeld("nobody is there");
}

TEST_F(HttpServerTest, ClosingAnUnusedServerIsDoneAtOnce) {
  Serve();
  EXPECT_TRUE(thread_.Await<bool>(
      [&](const auto& done) { server_->Close(kTestDeadline, [done] { done(true); }); }));
}

}  // namespace
}  // namespace guardwatch
