#pragma once

#include <string_view>

namespace guardwatch {

// True if `text`, the name of a property or a line of a configuration file, names a setting whose
// value must not be shown: a password, a private key, a client secret.
bool NamesSecret(std::string_view text);

}  // namespace guardwatch
