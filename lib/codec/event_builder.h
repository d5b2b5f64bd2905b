#pragma once

#include <optional>
#include <vector>

#include "codec/codec.h"
#include "codec/json_fields.h"
#include "event/event.h"
#include "event/reject.h"

namespace guardwatch {

// Gives the fields their meaning: contracts of Codec::Decode, from kMissingField on. `class_scores`
// is where Event::class_scores will point.
std::optional<RejectReason> BuildEvent(const JsonFields& fields, const DecodeContext& context,
                                       std::vector<ClassScore>& class_scores, Event& event);

}  // namespace guardwatch
