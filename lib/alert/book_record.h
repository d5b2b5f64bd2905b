#pragma once

#include "alert/book.h"
#include "base/bytes.h"

// An alert as a record of durable state. A change of the layout changes the format's version.

namespace guardwatch {

void WriteInstance(ByteWriter& out, const AlertInstance& instance);
AlertInstance ReadInstance(ByteReader& in);  // `in` is bad afterwards if it holds none.

}  // namespace guardwatch
