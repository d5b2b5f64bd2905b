#include "monitor/status_link.h"

#include <string_view>

namespace guardwatch {
namespace {

// One part of a URL's path: everything but RFC 3986's unreserved characters is escaped.
std::string PercentEncoded(std::string_view name) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string text;
  for (const char c : name) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return text;
}

}  // namespace

std::string StatusLink(const std::string& external_url, const UnitKey& unit) {
  if (external_url.empty()) return "";
  return external_url + "/#/guardrail/" + PercentEncoded(unit.source) + "/" +
         PercentEncoded(unit.guardrail) + "/" + PercentEncoded(unit.category);
}

}  // namespace guardwatch
