#pragma once

#include "base/bytes.h"
#include "window/aggregate.h"

// An aggregate as a record of durable state: what is zero takes no room. A change of the layout
// changes the format's version.

namespace guardwatch {

void WriteAggregate(ByteWriter& out, const Aggregate& aggregate);
Aggregate ReadAggregate(ByteReader& in);  // `in` is bad afterwards if it holds none.

}  // namespace guardwatch
