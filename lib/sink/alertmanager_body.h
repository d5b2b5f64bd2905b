#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "sink/sink.h"

namespace guardwatch {

// A name that Alertmanager takes: [a-zA-Z_][a-zA-Z0-9_]*, what does not fit replaced by
// underscores.
std::string AlertmanagerLabelName(std::string_view name);

// The body of POST /api/v2/alerts. Alertmanager refuses a whole batch for one alert that it cannot
// read, so this writes only what it takes: string values, legal names, no empty labels, an endsAt
// after startsAt (firing: `ends_after` from now), a generatorURL only if it is one.
std::string AlertmanagerBody(std::span<const Notification> batch, WallTime now,
                             Duration ends_after);

}  // namespace guardwatch
