#include <optional>
#include <utility>

#include "ingest/entry_records.h"
#include "ingest/joiner.h"
#include "window/series_record.h"

// The joiner's durable state.
//
// Records: 'c' classes by id, 'h' the joiner itself, 'n' series by id, 't' tally rows by index, 'x'
// shapes by id, and 'z' what waits. In the order of keys each refers only to what came before.

namespace guardwatch {

void Joiner::TakeChanges(StateChanges& out) {
  ByteWriter head;
  WriteOptional(head, horizon_limit_ ? std::optional(horizon_limit_->count()) : std::nullopt,
                &ByteWriter::Signed);
  head.Signed(pending_limit_);
  out.Put("h", head.Take());
  for (; classes_kept_ < shapes_.classes().size(); ++classes_kept_) {
    const auto id = static_cast<ClassId>(classes_kept_);
    ByteWriter record;
    record.Text(shapes_.classes()[id].guardrail);
    record.Text(shapes_.classes()[id].name);
    out.Put(KeyWriter("c").Number(std::uint32_t{id}).Take(), record.Take());
  }
  const auto& definitions = shapes_.names().definitions();
  for (; series_kept_ < definitions.size(); ++series_kept_) {
    ByteWriter record;
    WriteSeriesKey(record, definitions[series_kept_].key);
    out.Put(KeyWriter("n").Number(definitions[series_kept_].id).Take(), record.Take());
  }
  for (; tallies_kept_ < tallies_.rows(); ++tallies_kept_) {
    const auto row = static_cast<TallyIndex>(tallies_kept_);
    const auto [guardrail, category] = tallies_.NameOf(row);
    ByteWriter record;
    record.Text(guardrail);
    record.Text(category);
    out.Put(KeyWriter("t").Number(row).Take(), record.Take());
  }
  for (const ShapeId id : shapes_.TakeForgotten()) out.Erase(KeyWriter("x").Number(id).Take());
  for (const ShapeId id : shapes_.TakeNew()) {
    ByteWriter record;
    WriteShape(record, shapes_[id]);
    out.Put(KeyWriter("x").Number(id).Take(), record.Take());
  }
  StateChanges waiting;
  pending_.TakeChanges(waiting);
  out.Append(std::move(waiting), "z");
}

bool Joiner::Load(const StateRecord& record) {
  KeyReader key(record.key);
  ByteReader in(record.value);
  const char tag = key.Tag();
  if (tag != 'x' && !restored_shapes_.empty()) {
    shapes_.Restore(std::exchange(restored_shapes_, {}));
  }
  switch (tag) {
    case 'c': {
      const std::uint32_t id = key.Number32();
      const std::string guardrail(in.Text());
      const std::string name(in.Text());
      if (!key.done() || !in.done() || id != classes_kept_++) return false;
      return shapes_.classes().Resolve(guardrail, name) == id;
    }
    case 'h': {
      if (in.Bool()) horizon_limit_ = Duration(in.Signed());
      pending_limit_ = in.Signed();
      return key.done() && in.done();
    }
    case 'n': {
      SeriesDefinition definition;
      definition.id = key.Number32();
      definition.key = ReadSeriesKey(in, source_.name);
      if (!key.done() || !in.done() || definition.id != series_kept_++) return false;
      return shapes_.names().Restore(definition);
    }
    case 't': {
      const TallyIndex row = key.Number32();
      const std::string guardrail(in.Text());
      const std::string category(in.Text());
      if (!key.done() || !in.done() || row != tallies_kept_++) return false;
      return tallies_.RowOf(guardrail, category) == row;
    }
    case 'x': {
      EventShape shape;
      shape.id = key.Number32();
      ReadShape(in, shape);
      if (!key.done() || !in.done() || shape.id >= EventShapes::kMaxShapes) return false;
      if (shape.series.whole >= series_kept_) return false;
      if (!shapes_.classes().Holds(shape.predicted)) return false;
      shape.series.unit = shapes_.names().unit_of(shape.series.whole);
      restored_shapes_.push_back(std::move(shape));
      return true;
    }
    case 'z':
      return pending_.Load({record.key.substr(1), record.value});
    default:
      return false;
  }
}

void Joiner::Loaded(const Watermarks& honoured) {
  honoured_ = honoured;
  if (!restored_shapes_.empty()) shapes_.Restore(std::exchange(restored_shapes_, {}));
  pending_.Loaded();
}

}  // namespace guardwatch
