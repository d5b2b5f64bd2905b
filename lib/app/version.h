#pragma once

#include <string_view>

namespace guardwatch {

std::string_view Version();   // 0.1.0
std::string_view Revision();  // Of the source tree; "unknown" outside a checkout.
std::string_view Compiler();

}  // namespace guardwatch
