#include "ingest/side_records.h"

#include "base/check.h"
#include "ingest/entry_records.h"

namespace guardwatch {

SideRecords::Number SideRecords::Add(const Side& side) {
  // Filled where it stands; see PendingTable::AddMade.
  const Number number = labels_.Add({});
  Labelled& record = labels_[number];
  record.key = side.label_key.value_or(LabelKey{});
  record.q = side.q;
  record.actual = side.actual;
  record.weight = side.label_weight.value_or(0);
  record.has_key = side.label_key ? 1 : 0;
  record.has_value = side.positive ? 1 : 0;
  record.positive = side.positive.value_or(false) ? 1 : 0;
  if (side.own_threshold || side.own_weight || side.event_threshold || side.decided_at) {
    const Number rest =
        rest_.Add({side.own_threshold, side.own_weight, side.event_threshold, side.decided_at});
    GUARDWATCH_CHECK(rest + 1 < Number{1} << 28);
    record.rest = (rest + 1) & ((Number{1} << 28) - 1);
  }
  return number;
}

Side SideRecords::operator[](Number number) const {
  const Labelled& record = labels_[number];
  Side side;
  side.q = record.q;
  side.actual = record.actual;
  if (record.has_key != 0) side.label_key = record.key;
  if (record.has_value != 0) side.positive = record.positive != 0;
  if (record.weight != 0) side.label_weight = record.weight;
  if (record.rest == 0) return side;
  const Rest& rest = rest_[record.rest - 1];
  side.own_threshold = rest.own_threshold;
  side.own_weight = rest.own_weight;
  side.event_threshold = rest.event_threshold;
  side.decided_at = rest.decided_at;
  return side;
}

void SideRecords::Remove(Number number) {
  if (labels_[number].rest != 0) rest_.Remove(labels_[number].rest - 1);
  labels_.Remove(number);
}

void WriteSide(ByteWriter& out, const Side& side) {
  out.Varint(side.q);
  WriteOptional(out, side.own_threshold, &ByteWriter::Real);
  WriteOptional(out, side.own_weight, &ByteWriter::Varint);
  WriteOptional(out, side.event_threshold, &ByteWriter::Real);
  out.Bool(side.decided_at.has_value());
  if (side.decided_at) WritePlace(out, *side.decided_at);
  out.Bool(side.label_key.has_value());
  if (side.label_key) WriteLabelKey(out, *side.label_key);
  WriteOptional(out, side.positive, &ByteWriter::Bool);
  out.Varint(side.actual);
  WriteOptional(out, side.label_weight, &ByteWriter::Varint);
}

Side ReadSide(ByteReader& in) {
  Side side;
  side.q = static_cast<std::uint32_t>(in.Varint());
  if (in.Bool()) side.own_threshold = in.Real();
  if (in.Bool()) side.own_weight = static_cast<Weight>(in.Varint());
  if (in.Bool()) side.event_threshold = in.Real();
  if (in.Bool()) side.decided_at = ReadPlace(in);
  if (in.Bool()) side.label_key = ReadLabelKey(in);
  if (in.Bool()) side.positive = in.Bool();
  side.actual = ReadClass(in);
  if (in.Bool()) side.label_weight = static_cast<Weight>(in.Varint());
  return side;
}

}  // namespace guardwatch
