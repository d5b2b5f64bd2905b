#pragma once

#include <string>

#include "base/result.h"

namespace guardwatch {

// The text of a file, or of standard input for "-".
Result<std::string> ReadDocument(const std::string& path);

// What a running guardwatch answers to GET `base_url` + `path`; at most 64 MiB.
Result<std::string> FetchDocument(const std::string& base_url, const std::string& path);

}  // namespace guardwatch
