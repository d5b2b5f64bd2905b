#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config_error.h"

namespace guardwatch {

// Where something stands in the text. Lines and columns count from 1, columns in bytes.
struct Place {
  int line = 1;
  int column = 1;
  int width = 1;  // Bytes to point at.
};

struct YamlKey {
  std::string text;
  Place place;
};

// A YAML document as a tree of our own, with aliases replaced by what they stand for. Unlike the
// library's it keeps duplicate keys apart and knows where everything stands.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string text;      // Scalars.
  bool plain = false;    // Scalars: written without quotes, so it may be a number or a truth value.
  bool invalid = false;  // Already reported; readers take it for absent.
  std::vector<YamlKey> keys;    // Maps: one for each item.
  std::vector<YamlNode> items;  // Sequences and maps.
};

struct YamlResult {
  YamlNode root;
  std::vector<ConfigError> errors;  // At most one; without file and excerpt.
};

inline constexpr std::size_t kMaxYamlBytes = 1 << 20;

struct YamlLimits {
  std::size_t bytes = kMaxYamlBytes;
  std::size_t nodes = 100'000;  // Aliases counted as often as they are used.
};

// Reads one document within limits; nesting is limited to 32 levels. Explicit tags and several
// documents are errors. Never throws.
YamlResult ParseYaml(std::string_view text, YamlLimits limits = {});

}  // namespace guardwatch
