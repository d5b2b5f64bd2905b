#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

// Where reading a log stands, and why it may not go on there.

namespace guardwatch {

// By what a record that was read is known again, so that a log is not taken for another one of its
// name. The same in every process.
struct RecordMark {
  std::int64_t offset = 0;
  std::optional<EventTime> timestamp;
  std::uint64_t digest = 0;  // Of its payload.
  friend bool operator==(const RecordMark&, const RecordMark&) = default;
};

// Where reading a log goes on, and what was read there last.
struct ReadPosition {
  std::int64_t next_offset = 0;
  std::optional<RecordMark> last_read;
};

// Why reading a log did not go on where it was, or where it was told to start.
enum class ResetReason : std::uint8_t {
  kRetention,   // The log starts after that offset now: records were deleted before they were read.
  kTruncated,   // The log was read up to that offset, and ends before it now.
  kRecreated,   // The log was deleted, and there is another one of its name.
  kOutOfRange,  // The log ends before the offset that reading was told to start at.
};

constexpr std::string_view ToString(ResetReason reason) {
  switch (reason) {
    case ResetReason::kRetention:
      return "retention";
    case ResetReason::kTruncated:
      return "truncated";
    case ResetReason::kRecreated:
      return "recreated";
    case ResetReason::kOutOfRange:
      return "out_of_range";
  }
  return "";
}

}  // namespace guardwatch
