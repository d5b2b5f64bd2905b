#include "config/secrets.h"

#include <array>

namespace guardwatch {

bool NamesSecret(std::string_view text) {
  constexpr std::string_view kPassword = "password";
  constexpr std::string_view kFile = "_file";  // password_file names a file, which is no secret.
  for (auto at = text.find(kPassword); at != text.npos; at = text.find(kPassword, at + 1)) {
    if (text.substr(at + kPassword.size(), kFile.size()) != kFile) return true;
  }
  constexpr std::array<std::string_view, 4> kOthers{"key.pem", "ssl_key", "client.secret",
                                                    "oauthbearer.config"};
  for (const std::string_view other : kOthers) {
    if (text.find(other) != text.npos) return true;
  }
  return false;
}

}  // namespace guardwatch
