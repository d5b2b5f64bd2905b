#pragma once

#include <optional>

#include "codec/codec.h"
#include "codec/json_fields.h"
#include "codec/time_field.h"
#include "event/event.h"
#include "event/reject.h"

namespace guardwatch {

// Gives the fields their meaning: contracts of Codec::Decode, from kMissingField on. `buffer`
// takes what the event points to besides text: the cohort is taken out of `fields`.
std::optional<RejectReason> BuildEvent(JsonFields& fields, const DecodeContext& context,
                                       TimeReader& times, DecodeBuffer& buffer, Event& event);

}  // namespace guardwatch
