#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace guardwatch {

// Looks up an environment variable; nullopt if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The variables of this process.
Environment ProcessEnvironment();

// Replaces `${env:NAME}` and `${env:NAME:-default}` (the default counts if the variable is not set
// or empty) and `$$` by `$`. What a variable holds is not looked at again. An error if a variable
// without a default is not set, or if `${` begins anything else.
Result<std::string> ExpandEnvironment(std::string_view text, const Environment& environment);

}  // namespace guardwatch
