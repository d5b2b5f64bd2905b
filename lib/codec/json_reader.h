#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_fields.h"
#include "event/reject.h"

namespace guardwatch {

// Turns a payload into JsonFields, walking all of it once: whatever is wrong with the document as
// JSON is found here, also in fields that nobody reads.
class JsonReader {
 public:
  explicit JsonReader(std::vector<std::string> dimensions);
  ~JsonReader();

  // kNotUtf8, kMalformedJson, kTooDeep, kBadType (not an object), or nullopt. Views in `fields` are
  // valid until the next call.
  std::optional<RejectReason> Read(std::string_view payload, JsonFields& fields);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace guardwatch
