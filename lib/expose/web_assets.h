#pragma once

#include <optional>
#include <string_view>

namespace guardwatch {

// One file of the status page, embedded in the program.
struct WebAsset {
  std::string_view content_type;  // With charset, ready for the header.
  std::string_view body;
  std::string_view etag;  // Quoted; a digest of the body.
};

// The asset that is served at `path` ("/" is the page itself). Nullopt if there is none.
// Thread-safe.
std::optional<WebAsset> FindWebAsset(std::string_view path);

// Goes with every asset as Content-Security-Policy: the page loads nothing but its own files, runs
// no inline script, talks to nobody but this daemon, and cannot be framed.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace guardwatch
