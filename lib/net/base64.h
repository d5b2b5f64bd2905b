#pragma once

#include <string>
#include <string_view>

namespace guardwatch {

// RFC 4648 section 4, with padding: what HTTP basic authentication carries.
std::string EncodeBase64(std::string_view bytes);

}  // namespace guardwatch
