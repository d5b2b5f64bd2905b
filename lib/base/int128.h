#pragma once

#include <string>

namespace guardwatch {

// Sums over many events do not fit 64 bits (score squares need 100 bits at 1e12 events).
__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// Decimal text, as big integers are written in JSON.
std::string ToDecimal(Int128 value);

}  // namespace guardwatch
