#pragma once

#include <string>

#include "base/bytes.h"
#include "window/series.h"

// A series' key in records of durable state, without its source: records stand under that. A change
// of the layout changes the format's version.

namespace guardwatch {

void WriteSeriesKey(ByteWriter& out, const SeriesKey& key);
SeriesKey ReadSeriesKey(ByteReader& in, const std::string& source);

}  // namespace guardwatch
