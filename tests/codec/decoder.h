#pragma once

#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "codec/json_codec.h"

namespace guardwatch {

// Makes gtest print a reason by its name.
inline void PrintTo(RejectReason reason, std::ostream* out) { *out << ToString(reason); }

// A codec with the two dimensions lang and tier, and the event it decoded last.
struct Decoder {
  JsonCodec codec{{"lang", "tier"}};
  DecodeContext context{};
  DecodeBuffer buffer{};
  Event event{};

  std::optional<RejectReason> Decode(std::string_view payload) {
    return codec.Decode(payload, context, buffer, event);
  }
};

inline std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

// An event that lacks only what makes it a score, a decision or a label.
inline std::string EventWith(std::string_view more) {
  return Join({R"({"guardrail":"toxicity","request_id":"r-1","time":1700000000,)", more, "}"});
}

// A score event with further fields.
inline std::string ScoreWith(std::string_view more) {
  return EventWith(Join({R"("score":0.5,)", more}));
}

}  // namespace guardwatch
