#include "expose/http_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example.h"

namespace guardwatch {
namespace {

using ::testing::HasSubstr;

std::string Body(const HttpResponse& response) { return std::get<std::string>(response.body); }

class HttpRoutesTest : public testing::Test {
 protected:
  HttpResponse Do(std::string method, std::string path, HttpHeaders headers = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    std::optional<HttpResponse> got;
    routes_.Handle(request, [&](HttpResponse response) { got = std::move(response); });
    EXPECT_TRUE(got) << "not answered";
    return got.value_or(HttpResponse{});
  }
  HttpResponse Get(std::string path) { return Do("GET", std::move(path)); }

  SelfMetrics self_ = ExampleSelf();
  Result<void> reloaded_;
  int reloads_ = 0;
  HttpRoutes routes_{ApiBackend{
      .snapshot = [] { return std::make_shared<const Snapshot>(ExampleSnapshot()); },
      .ask_windows = {},
      .ask_history = {},
      .self = [this] { return self_; },
      .config_json = {},
      .reload =
          [this](const auto& done) {
            ++reloads_;
            done(reloaded_);
          },
  }};
};

TEST_F(HttpRoutesTest, ServesMetricsAsPrometheusThreeWantsThem) {
  const HttpResponse response = Get("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(Body(response), HasSubstr("\nguardwatch_build_info{"));
}

TEST_F(HttpRoutesTest, IsHealthyEvenWhenNotReady) {
  EXPECT_EQ(Get("/-/healthy").status, 200);
  const HttpResponse response = Get("/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Body(response), "not ready: source batch has not been reached yet\n");
}

TEST_F(HttpRoutesTest, SaysWhenItIsReady) {
  self_.ready = true;
  EXPECT_EQ(Get("/-/ready").status, 200);
}

TEST_F(HttpRoutesTest, ReloadsOnPostAndPut) {
  EXPECT_EQ(Do("POST", "/-/reload").status, 200);
  EXPECT_EQ(Do("PUT", "/-/reload").status, 200);
  EXPECT_EQ(reloads_, 2);
}

TEST_F(HttpRoutesTest, ReportsWhyAReloadFailed) {
  reloaded_ = Fail("guardwatch.yaml:3:5: unknown key `bands`");
  const HttpResponse response = Do("POST", "/-/reload");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(Body(response), HasSubstr("guardwatch.yaml:3:5"));
}

TEST_F(HttpRoutesTest, DoesNotLetWebPagesReload) {
  EXPECT_EQ(Do("POST", "/-/reload", {{"Origin", "https://example.org"}}).status, 403);
  EXPECT_EQ(Get("/-/reload").status, 405);
  EXPECT_EQ(reloads_, 0);
}

TEST_F(HttpRoutesTest, RoutesTheApi) {
  const HttpResponse response = Get("/api/v1/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(Get("/api/v1/nothing").status, 404);
}

TEST_F(HttpRoutesTest, ServesThePageUnderAStrictPolicy) {
  const HttpResponse response = Get("/");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, HasSubstr("text/html"));
  EXPECT_THAT(FindHeader(response.headers, "Content-Security-Policy").value_or(""),
              HasSubstr("default-src 'none'"));
  EXPECT_TRUE(FindHeader(response.headers, "ETag"));
}

TEST_F(HttpRoutesTest, AnswersUnknownPathsAndMethodsAsErrors) {
  EXPECT_EQ(Get("/nothing").status, 404);
  const HttpResponse response = Do("DELETE", "/metrics");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(FindHeader(response.headers, "Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace guardwatch
