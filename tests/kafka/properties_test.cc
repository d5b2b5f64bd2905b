#include "kafka/properties.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/cluster.h"
#include "kafka/handle.h"

namespace guardwatch {
namespace {

using testing::HasSubstr;
using testing::Not;

KafkaOptions With(const std::string& name, const std::string& value) {
  KafkaOptions options;
  options.brokers = {"127.0.0.1:1"};
  options.properties[name] = value;
  return options;
}

std::string ValueOf(const rd_kafka_conf_t& conf, const std::string& name) {
  std::array<char, 64> value{};
  std::size_t size = value.size();
  rd_kafka_conf_get(&conf, name.c_str(), value.data(), &size);
  return value.data();
}

TEST(KafkaProperties, OfLibrdkafkaArePassedThrough) {
  EXPECT_TRUE(CheckKafkaOptions(With("security.protocol", "SASL_SSL")));
  EXPECT_TRUE(CheckKafkaOptions(With("fetch.wait.max.ms", "17")));
  EXPECT_TRUE(CheckKafkaOptions(With("client.rack", "eu-1")));
}

TEST(KafkaProperties, ReplaceOurDefaultsButNotWhatWeOwn) {
  const std::vector<Setting> defaults{{"fetch.wait.max.ms", "100"}, {"fetch.min.bytes", "2"}};
  const std::vector<Setting> owned{{"enable.partition.eof", "true"}};

  const auto conf = MakeConf(With("fetch.wait.max.ms", "17"), defaults, owned);

  ASSERT_TRUE(conf);
  EXPECT_EQ(ValueOf(**conf, "fetch.wait.max.ms"), "17");
  EXPECT_EQ(ValueOf(**conf, "fetch.min.bytes"), "2");
  EXPECT_EQ(ValueOf(**conf, "enable.partition.eof"), "true");
}

TEST(KafkaProperties, ThatDoNotGoTogetherAreRefusedWhenTheSourceIsMade) {
  const auto source = KafkaSource::Create(With("fetch.max.bytes", "512"), {}, {}, {});

  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr("fetch.max.bytes"));
}

TEST(KafkaProperties, ThatWeDependOnAreRefusedByName) {
  for (const std::string name :
       {"enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "group.id",
        "bootstrap.servers", "enable.partition.eof", "group.protocol"}) {
    const auto checked = CheckKafkaOptions(With(name, "true"));
    ASSERT_FALSE(checked) << name;
    EXPECT_THAT(checked.error().message, HasSubstr(name));
  }
}

TEST(KafkaProperties, ThatNobodyKnowsAreRefusedByName) {
  const auto checked = CheckKafkaOptions(With("fetch.wait.maxms", "1"));

  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("fetch.wait.maxms"));
}

TEST(KafkaProperties, WithABadValueAreRefused) {
  EXPECT_FALSE(CheckKafkaOptions(With("fetch.wait.max.ms", "soon")));
  EXPECT_FALSE(CheckKafkaOptions(With("security.protocol", "CARRIER_PIGEON")));
}

TEST(KafkaProperties, NeverShowASecret) {
  KafkaOptions options = With("sasl.password", "hunter2");
  options.properties["ssl.key.pem"] = "-----BEGIN hunter2";
  options.properties["security.protocol"] = "SASL_SSL";
  options.properties["sasl.mechanism"] = "PLAIN";
  options.properties["sasl.username"] = "reader";
  options.properties["debug"] = "conf,security";
  std::string said;

  const auto source =
      KafkaSource::Create(options, {}, {}, [&](int, std::string_view text) { said += text; });

  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
}

TEST(KafkaProperties, NeedABroker) {
  const auto checked = CheckKafkaOptions({});

  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("brokers"));
}

TEST(KafkaProperties, KnowTheirSecrets) {
  EXPECT_TRUE(IsSecretProperty("sasl.password"));
  EXPECT_TRUE(IsSecretProperty("ssl.key.pem"));
  EXPECT_FALSE(IsSecretProperty("sasl.username"));
}

}  // namespace
}  // namespace guardwatch
