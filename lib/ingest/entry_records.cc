#include "ingest/entry_records.h"

namespace guardwatch {
namespace {

constexpr int kForms = 4;
constexpr int kVariants = 2;

}  // namespace

void WritePlace(ByteWriter& out, const EventPlace& place) {
  out.Varint(place.log_rank);
  out.Signed(place.offset);
}

EventPlace ReadPlace(ByteReader& in) {
  EventPlace place;
  place.log_rank = in.Varint();
  place.offset = in.Signed();
  return place;
}

void WriteLabelKey(ByteWriter& out, const LabelKey& key) {
  out.Signed(key.revision);
  out.Time(key.time);
  WritePlace(out, key.place);
}

LabelKey ReadLabelKey(ByteReader& in) {
  LabelKey key;
  key.revision = in.Signed();
  key.time = in.Time();
  key.place = ReadPlace(in);
  return key;
}

ClassId ReadClass(ByteReader& in) {
  const std::uint64_t id = in.Varint();
  if (id >= ClassNames::kMost) in.Refuse();
  return static_cast<ClassId>(id);
}

void WriteEntry(ByteWriter& out, const DecisionEntry& entry) {
  out.Fixed(entry.request);
  out.Time(entry.time);
  out.Fixed(entry.category);
  out.Byte(static_cast<std::uint8_t>(entry.variant));
  WritePlace(out, entry.place);
  out.Time(entry.watermark_before);
  out.Byte(static_cast<std::uint8_t>(entry.verdict));
  WriteOptional(out, entry.threshold, &ByteWriter::Real);
  out.Varint(entry.tally);
  out.Bool(entry.matched);
}

void ReadEntry(ByteReader& in, DecisionEntry& entry) {
  entry.request = in.Fixed<RequestKey>();
  entry.time = in.Time();
  entry.category = in.Fixed<std::uint64_t>();
  entry.variant = in.Enumerator<Variant>(kVariants);
  entry.place = ReadPlace(in);
  entry.watermark_before = in.Time();
  entry.verdict = in.Enumerator<Verdict>(kVerdicts);
  entry.threshold.reset();
  if (in.Bool()) entry.threshold = in.Real();
  entry.tally = static_cast<TallyIndex>(in.Varint());
  entry.matched = in.Bool();
}

void WriteEntry(ByteWriter& out, const LabelEntry& entry) {
  out.Fixed(entry.request);
  WriteLabelKey(out, entry.key);
  out.Bool(entry.category.has_value());
  if (entry.category) out.Fixed(*entry.category);
  out.Byte(static_cast<std::uint8_t>(entry.form));
  out.Bool(entry.text.has_value());
  if (entry.text) out.Fixed(*entry.text);
  out.Varint(entry.actual);
  WriteOptional(out, entry.weight, &ByteWriter::Varint);
  out.Varint(entry.tally);
  out.Bool(entry.counts);
  out.Bool(entry.matched);
  out.Bool(entry.after_horizon);
}

void ReadEntry(ByteReader& in, LabelEntry& entry) {
  entry.request = in.Fixed<RequestKey>();
  entry.key = ReadLabelKey(in);
  entry.category.reset();
  if (in.Bool()) entry.category = in.Fixed<std::uint64_t>();
  entry.form = in.Enumerator<LabelValue::Form>(kForms);
  entry.text.reset();
  if (in.Bool()) entry.text = in.Fixed<std::uint64_t>();
  entry.actual = ReadClass(in);
  entry.weight.reset();
  if (in.Bool()) entry.weight = static_cast<Weight>(in.Varint());
  entry.tally = static_cast<TallyIndex>(in.Varint());
  entry.counts = in.Bool();
  entry.matched = in.Bool();
  entry.after_horizon = in.Bool();
}

void WriteShape(ByteWriter& out, const EventShape& shape) {
  out.Varint(shape.series.whole);
  out.Varint(shape.series.slice_count);
  for (std::size_t i = 0; i < shape.series.slice_count; ++i) out.Varint(shape.series.slices[i]);
  out.Varint(shape.log);
  out.Byte(static_cast<std::uint8_t>(shape.variant));
  out.Bool(shape.has_score);
  out.Bool(shape.is_class);
  out.Fixed(shape.category);
  out.Fixed(shape.class_name);
  out.Varint(shape.predicted);
  WriteOptional(out, shape.threshold, &ByteWriter::Real);
  WriteOptional(out, shape.weight, &ByteWriter::Varint);
  out.Bool(shape.varied);
  out.Text(shape.policy_version);
}

void ReadShape(ByteReader& in, EventShape& shape) {
  shape.series.whole = static_cast<SeriesId>(in.Varint());
  const std::uint64_t slices = in.Varint();
  if (slices > kMaxDimensions) return in.Refuse();
  shape.series.slice_count = static_cast<std::uint8_t>(slices);
  for (std::size_t i = 0; i < shape.series.slice_count; ++i) {
    shape.series.slices[i] = static_cast<SeriesId>(in.Varint());
  }
  shape.log = static_cast<LogIndex>(in.Varint());
  shape.variant = in.Enumerator<Variant>(kVariants);
  shape.has_score = in.Bool();
  shape.is_class = in.Bool();
  shape.category = in.Fixed<std::uint64_t>();
  shape.class_name = in.Fixed<std::uint64_t>();
  shape.predicted = ReadClass(in);
  if (in.Bool()) shape.threshold = in.Real();
  if (in.Bool()) shape.weight = static_cast<std::uint32_t>(in.Varint());
  shape.varied = in.Bool();
  shape.policy_version = in.Text();
}

}  // namespace guardwatch
