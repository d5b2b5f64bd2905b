#include "app/listen_address.h"

#include <gtest/gtest.h>

namespace guardwatch {
namespace {

TEST(ListenAddressTest, ReadsHostAndPort) {
  const auto address = ParseListenAddress("127.0.0.1:9464");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 9464);
}

TEST(ListenAddressTest, NoHostMeansEveryInterface) {
  EXPECT_EQ(ParseListenAddress(":80")->host, "0.0.0.0");
}

TEST(ListenAddressTest, Ipv6HostsStandInBrackets) {
  EXPECT_EQ(ParseListenAddress("[::1]:80")->host, "::1");
  EXPECT_FALSE(ParseListenAddress("::1:80"));
}

TEST(ListenAddressTest, RefusesWhatIsNoAddressAndSaysWhatIsExpected) {
  for (const char* text :
       {"", "localhost", "localhost:", "localhost:x", "localhost:65536", "a:-1"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().message.find("expected host:port"), std::string::npos);
  }
}

}  // namespace
}  // namespace guardwatch
