#include "kafka/properties.h"

#include <algorithm>
#include <array>

#include "kafka/handle.h"

namespace guardwatch {
namespace {

constexpr std::array<std::string_view, 7> kSecret{
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "ssl_key",
};

constexpr std::array<std::string_view, 15> kOwned{
    "auto.commit.enable",
    "auto.offset.reset",
    "bootstrap.servers",
    "client.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "enabled_events",
    "group.id",
    "group.protocol",
    "log.queue",
    "metadata.broker.list",
    "opaque",
    "session.timeout.ms",
    "statistics.interval.ms",
};

}  // namespace

bool IsSecretProperty(std::string_view name) {
  return std::find(kSecret.begin(), kSecret.end(), name) != kSecret.end();
}

bool IsOwnedProperty(std::string_view name) {
  return std::find(kOwned.begin(), kOwned.end(), name) != kOwned.end();
}

Result<void> CheckKafkaOptions(const KafkaOptions& options) {
  return MakeConf(options, {}, {}).map([](const ConfHandle&) {});
}

}  // namespace guardwatch
