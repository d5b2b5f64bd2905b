#include "event/reject.h"

#include <array>

namespace guardwatch {

std::string_view ToString(RejectReason reason) {
  static constexpr std::array<std::string_view, kRejectReasons> kNames{"too_large",
                                                                       "tombstone",
                                                                       "not_utf8",
                                                                       "malformed_json",
                                                                       "too_deep",
                                                                       "missing_field",
                                                                       "bad_type",
                                                                       "unexpected_kind",
                                                                       "id_too_long",
                                                                       "bad_time",
                                                                       "threshold_out_of_range",
                                                                       "unknown_verdict",
                                                                       "unknown_label",
                                                                       "score_out_of_range",
                                                                       "future_timestamp"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace guardwatch
