#pragma once

#include <string_view>

#include "base/result.h"
#include "kafka/options.h"

namespace guardwatch {

// Whether a consumer can be configured like this: no brokers, a property that we own, one that
// librdkafka does not know, or a value that it refuses is an error. Opens no connection.
Result<void> CheckKafkaOptions(const KafkaOptions& options);

// Properties whose values must not be shown to anyone.
bool IsSecretProperty(std::string_view name);

// Properties that the way we read depends on; users cannot set them.
bool IsOwnedProperty(std::string_view name);

}  // namespace guardwatch
