#include "alert/alert.h"

#include <array>
#include <cstdio>

#include "base/hash.h"

namespace guardwatch {

std::string_view ToString(AlertState state) {
  switch (state) {
    case AlertState::kInactive:
      return "inactive";
    case AlertState::kPending:
      return "pending";
    case AlertState::kFiring:
      return "firing";
    case AlertState::kResolved:
      return "resolved";
  }
  return "";
}

std::string AlertId(const AlertLabels& labels) {
  std::string canonical;
  for (const auto& [name, value] : labels) {
    canonical += name;
    canonical.push_back('\xff');  // Not part of any UTF-8 text.
    canonical += value;
    canonical.push_back('\xff');
  }
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx",
                static_cast<unsigned long long>(Mix64(Fnv1a64(canonical))));
  return hex.data();
}

}  // namespace guardwatch
