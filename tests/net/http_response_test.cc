#include "net/http_response.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

HttpRequest Get() { return {.method = "GET", .path = "/"}; }

bool Contains(const EncodedResponse& response, std::string_view line) {
  return response.head.find(std::string(line) + "\r\n") != std::string::npos;
}

EncodedResponse Encode(const HttpRequest& request, HttpResponse response) {
  return EncodeResponse(request, std::move(response), true,
                        WallTime(std::chrono::seconds(784111777)));
}

TEST(HttpResponseTest, StartsWithTheStatusAndCarriesTheSecurityHeaders) {
  const auto response = Encode(Get(), {.status = 404, .body = "no such page"});
  EXPECT_TRUE(response.head.starts_with("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_TRUE(response.head.ends_with("\r\n\r\n"));
  EXPECT_TRUE(Contains(response, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(Contains(response, "X-Frame-Options: DENY"));
  EXPECT_TRUE(Contains(response, "Referrer-Policy: no-referrer"));
  EXPECT_TRUE(Contains(response, "Content-Length: 12"));
  EXPECT_TRUE(Contains(response, "Date: Sun, 06 Nov 1994 08:49:37 GMT"));  // RFC 9110, 5.6.7.
  EXPECT_EQ(*response.body, "no such page");
}

TEST(HttpResponseTest, HeadHasTheLengthButNoBody) {
  HttpRequest request = Get();
  request.method = "HEAD";
  const auto response = Encode(request, {.body = "12345"});
  EXPECT_TRUE(Contains(response, "Content-Length: 5"));
  EXPECT_EQ(response.body, nullptr);
}

TEST(HttpResponseTest, CompressesOnlyLargeBodiesAndOnlyForThoseWhoAskForIt) {
  HttpRequest request = Get();
  const auto large = std::make_shared<const std::string>(2000, 'x');
  EXPECT_EQ(Encode(request, {.body = large}).body, large);
  request.accepts_gzip = true;
  const auto compressed = Encode(request, {.body = large});
  EXPECT_TRUE(Contains(compressed, "Content-Encoding: gzip"));
  EXPECT_TRUE(Contains(compressed, "Vary: Accept-Encoding"));
  EXPECT_LT(compressed.body->size(), 100u);
  EXPECT_EQ(*Encode(request, {.body = std::string(1024, 'x')}).body, std::string(1024, 'x'));
}

TEST(HttpResponseTest, AnswersNotModifiedToAClientThatHasTheEtag) {
  HttpRequest request = Get();
  request.headers = {{"if-none-match", "W/\"v1\", \"v2\""}};
  const auto known = Encode(request, {.body = "page", .headers = {{"ETag", "\"v2\""}}});
  EXPECT_TRUE(known.head.starts_with("HTTP/1.1 304 Not Modified\r\n"));
  EXPECT_TRUE(Contains(known, "ETag: \"v2\""));
  EXPECT_EQ(known.body, nullptr);
  const auto changed = Encode(request, {.body = "page", .headers = {{"ETag", "\"v3\""}}});
  EXPECT_TRUE(changed.head.starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpResponseTest, LeavesOutAHeaderThatWouldSmuggleInAnother) {
  const auto response =
      Encode(Get(), {.body = "", .headers = {{"X-Name", "a\r\nSet-Cookie: b"}, {"X-Good", "1"}}});
  EXPECT_EQ(response.head.find("Set-Cookie"), std::string::npos);
  EXPECT_TRUE(Contains(response, "X-Good: 1"));
}

TEST(AcceptsGzipTest, ReadsCodingsAndQualities) {
  EXPECT_TRUE(AcceptsGzip("gzip"));
  EXPECT_TRUE(AcceptsGzip("deflate, GZIP;q=0.5, br"));
  EXPECT_FALSE(AcceptsGzip(""));
  EXPECT_FALSE(AcceptsGzip("identity"));
  EXPECT_FALSE(AcceptsGzip("gzip;q=0, *"));
  EXPECT_FALSE(AcceptsGzip("gzip; q=0.000"));
  EXPECT_FALSE(AcceptsGzip("x-gzip-like"));
}

}  // namespace
}  // namespace guardwatch
