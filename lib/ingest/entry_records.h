#pragma once

#include <optional>

#include "base/bytes.h"
#include "ingest/entries.h"

// Entries as records of durable state. A change of any of these changes the format's version.

namespace guardwatch {

template <class T, class Argument>
void WriteOptional(ByteWriter& out, const std::optional<T>& value,
                   void (ByteWriter::*write)(Argument)) {
  out.Bool(value.has_value());
  if (value) (out.*write)(*value);
}

void WritePlace(ByteWriter& out, const EventPlace& place);
EventPlace ReadPlace(ByteReader& in);

void WriteLabelKey(ByteWriter& out, const LabelKey& key);
LabelKey ReadLabelKey(ByteReader& in);

ClassId ReadClass(ByteReader& in);

void WriteEntry(ByteWriter& out, const DecisionEntry& entry);
void ReadEntry(ByteReader& in, DecisionEntry& entry);

void WriteEntry(ByteWriter& out, const LabelEntry& entry);
void ReadEntry(ByteReader& in, LabelEntry& entry);

// A shape without what follows from the configuration.
void WriteShape(ByteWriter& out, const EventShape& shape);
void ReadShape(ByteReader& in, EventShape& shape);

}  // namespace guardwatch
