#pragma once

#include <cstdint>
#include <string_view>

namespace guardwatch {

// Why a record was not taken. A closed list, in the order in which the checks apply: of several
// reasons the first is reported.
enum class RejectReason : std::uint8_t {
  kTooLarge,
  kTombstone,
  kNotUtf8,
  kMalformedJson,
  kTooDeep,
  kMissingField,
  kBadType,
  kUnexpectedKind,
  kIdTooLong,
  kBadTime,
  kThresholdOutOfRange,
  kUnknownVerdict,
  kUnknownLabel,
  kScoreOutOfRange,
  kFutureTimestamp,
};
inline constexpr int kRejectReasons = 15;

std::string_view ToString(RejectReason reason);

}  // namespace guardwatch
