#include "net/url.h"

#include <gtest/gtest.h>

#include "net/base64.h"

namespace guardwatch {
namespace {

TEST(UrlTest, ReadsSchemeHostPortPathAndQuery) {
  const auto url = ParseUrl("https://am.example.org:8443/team/a?x=1&y=%20#part");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->endpoint, (HostPort{"am.example.org", 8443}));
  EXPECT_EQ(url->path, "/team/a");
  EXPECT_EQ(url->query, "x=1&y=%20");
  EXPECT_EQ(url->Target(), "/team/a?x=1&y=%20");
  EXPECT_EQ(url->HostHeader(), "am.example.org:8443");
}

TEST(UrlTest, FillsInTheDefaultPortAndPath) {
  const auto plain = ParseUrl("HTTP://localhost");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->endpoint, (HostPort{"localhost", 80}));
  EXPECT_EQ(plain->Target(), "/");
  EXPECT_EQ(plain->HostHeader(), "localhost");
  const auto secure = ParseUrl("https://localhost?x");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->endpoint.port, 443);
  EXPECT_EQ(secure->Target(), "/?x");
}

TEST(UrlTest, ReadsIpv6InBrackets) {
  const auto url = ParseUrl("http://[::1]:9093/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->endpoint, (HostPort{"::1", 9093}));
  EXPECT_EQ(url->HostHeader(), "[::1]:9093");
  const auto without_port = ParseUrl("http://[2001:db8::1]");
  ASSERT_TRUE(without_port);
  EXPECT_EQ(without_port->HostHeader(), "[2001:db8::1]");
}

TEST(UrlTest, ShowsItselfWithoutTheQuery) {
  EXPECT_EQ(ParseUrl("https://h/p?token=secret")->ToString(), "https://h/p");
}

TEST(UrlTest, RefusesWhatIsNotAnHttpUrlAndNeverEchoesAPassword) {
  for (const char* text : {"", "localhost:9093", "ftp://h/", "http://", "http:///x", "http://h:x/",
                           "http://h:70000/", "http://[::1/", "http://a b/", "http://h/a b",
                           "http://h/\r\nHost: evil", "http://:80/", "http://h:"}) {
    EXPECT_FALSE(ParseUrl(text)) << text;
  }
  const auto with_password = ParseUrl("http://user:hunter2@h/");
  ASSERT_FALSE(with_password);
  EXPECT_EQ(with_password.error().message.find("hunter2"), std::string::npos);
}

TEST(HostPortTest, ReadsListenAddresses) {
  EXPECT_EQ(*ParseHostPort("127.0.0.1:9464"), (HostPort{"127.0.0.1", 9464}));
  EXPECT_EQ(*ParseHostPort("[::]:0"), (HostPort{"::", 0}));
  EXPECT_EQ(*ParseHostPort("h", 80), (HostPort{"h", 80}));
  EXPECT_FALSE(ParseHostPort("127.0.0.1"));
  EXPECT_FALSE(ParseHostPort(":9464"));
  EXPECT_FALSE(ParseHostPort("127.0.0.1:9464x"));
  EXPECT_FALSE(ParseHostPort("[localhost]:9464")) << "brackets are for IPv6";
}

TEST(QueryTest, DecodesPairsInOrder) {
  const auto query = ParseQuery("slice=lang%3Dde&q=a+b&empty=&flag&&q=2");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query,
            (QueryParameters{
                {"slice", "lang=de"}, {"q", "a b"}, {"empty", ""}, {"flag", ""}, {"q", "2"}}));
  EXPECT_FALSE(ParseQuery("a=%2"));
  EXPECT_FALSE(ParseQuery("a=%zz"));
}

// RFC 4648, section 10.
TEST(Base64Test, EncodesTheVectorsOfTheStandard) {
  EXPECT_EQ(EncodeBase64(""), "");
  EXPECT_EQ(EncodeBase64("f"), "Zg==");
  EXPECT_EQ(EncodeBase64("fo"), "Zm8=");
  EXPECT_EQ(EncodeBase64("foo"), "Zm9v");
  EXPECT_EQ(EncodeBase64("foob"), "Zm9vYg==");
  EXPECT_EQ(EncodeBase64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(EncodeBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(EncodeBase64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace guardwatch
