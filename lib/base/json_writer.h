#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/int128.h"

namespace guardwatch {

// Writes one JSON document into a string, with commas and escapes in the right places.
//
//   JsonWriter json;
//   json.BeginObject().Field("name", "toxicity").Key("bins").BeginArray().Value(1).EndArray();
//   json.EndObject();
//
// Invalid UTF-8 becomes U+FFFD. Doubles are written with the fewest digits that read back to the
// same value; NaN and infinity become null.
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);

  JsonWriter& Value(std::string_view text);
  JsonWriter& Value(const char* text) { return Value(std::string_view(text)); }
  JsonWriter& Value(const std::string& text) { return Value(std::string_view(text)); }
  JsonWriter& Value(bool value);
  JsonWriter& Value(double value);
  JsonWriter& Value(int value) { return Value(std::int64_t{value}); }
  JsonWriter& Value(unsigned value) { return Value(std::uint64_t{value}); }
  JsonWriter& Value(std::int64_t value);
  JsonWriter& Value(std::uint64_t value);
  JsonWriter& Value(long long value) { return Value(static_cast<std::int64_t>(value)); }
  JsonWriter& Value(Int128 value) { return Value(std::string_view(ToDecimal(value))); }
  JsonWriter& Null();
  JsonWriter& Raw(std::string_view json);  // Already valid JSON.

  template <class T>
  JsonWriter& Field(std::string_view key, const T& value) {
    return Key(key).Value(value);
  }

  const std::string& text() const { return text_; }
  std::string Take() { return std::move(text_); }

 private:
  void BeforeValue();
  JsonWriter& Literal(std::string_view text);

  std::string text_;
  std::vector<bool> has_elements_;  // One per open object or array.
  bool after_key_ = false;
};

// `text` as a JSON string with its quotes.
std::string JsonString(std::string_view text);

}  // namespace guardwatch
