#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/hash.h"
#include "base/prefetch.h"
#include "base/score.h"
#include "event/event.h"
#include "ingest/class_names.h"
#include "ingest/series_names.h"
#include "window/pane.h"

// Everything about an event that repeats from event to event: its names, the series it counts in,
// its threshold. Events are many, shapes are few, so that what an event costs is to recognise its
// shape, and what waits for a label need only say which shape it had.

namespace guardwatch {

using LogIndex = std::uint32_t;  // A log of this shard.
using ShapeId = std::uint32_t;

// What most events need stands first, in two cache lines: there are more shapes than the nearest
// caches hold.
struct alignas(kCacheLine) EventShape {
  const GuardrailSettings* settings = nullptr;  // Follow from the unit.
  std::optional<double> threshold;              // Of the event or the configuration.
  std::optional<std::uint32_t> weight;          // Of the event; see Weight.
  ScoreBand band;                               // Follows from the threshold.
  std::uint64_t category = 0;                   // Hash of the category; of "" for none.

  // Where the accumulator keeps this shape's changes; see Accumulator.
  std::uint64_t cell_flush = 0;
  PaneIndex cell_pane = 0;
  std::uint32_t cell = 0;

  ShapeId id = 0;
  std::uint32_t waiting = 0;  // Pending events of this shape.
  LogIndex log = 0;
  ClassId predicted = kNoClass;  // As class_name, of top labels only.
  Variant variant = Variant::kLive;
  bool has_score = true;
  bool is_class = false;  // Labels of these events are class names.
  bool varied = false;    // Threshold and weight differ too much to be part of the shape.

  std::uint64_t class_name = 0;  // The class that makes an event positive, hashed.
  SeriesSet series;
  std::string policy_version;
};
static_assert(sizeof(EventShape) == 3 * kCacheLine);

class EventShapes {
 public:
  static constexpr ShapeId kMaxShapes = 1u << 24;      // What a pending score has bits for.
  static constexpr std::size_t kMostShapes = 1 << 20;  // Some 300 MB of them.

  // Beyond `most_shapes` events are counted under __other__ in each of their dimensions.
  EventShapes(const SourceOptions& source, HashSeed seed, std::size_t most_shapes = kMostShapes);

  struct Request {
    const Event& event;
    std::string_view category;  // Stands in for the event's own: one shape per class.
    std::optional<std::string_view> class_name;  // Of one class of a class vector.
    LogIndex log = 0;
    bool has_score = true;
    std::optional<std::uint32_t> weight;
  };
  // The reference is valid for as long as the shape is used: until a Sweep after the last pending
  // event of the shape has gone.
  EventShape& Resolve(const Request& request);

  // The first half of Resolve, for events whose shape is known, so that whoever has many events can
  // take it for all of them before the first second half: a hash of everything that makes up the
  // shape, and the shape that has it, or nullptr. `guardrail`: what HasherOf gives in the end.
  Hash128 NamesOf(const Request& request, std::uint64_t guardrail) const;
  // Requests and shapes are hashed from here on.
  KeyedHasher HasherOf(std::string_view guardrail) const {
    KeyedHasher hasher = hasher_;
    hasher.Add(guardrail);
    return hasher;
  }
  EventShape* Find(const Hash128& names) {
    const auto cached = cache_.find(names);
    return cached == cache_.end() ? nullptr : cached->second;
  }

  EventShape& operator[](ShapeId id) { return shapes_[id]; }
  bool Holds(ShapeId id) const { return id < shapes_.size() && shapes_[id].settings != nullptr; }

  // Forgets shapes that nothing waits with, when there has come to be an excess of them. Between
  // flushes only, since the accumulator refers to shapes as well.
  void Sweep();

  std::uint64_t HashOf(std::string_view name) const { return SipHash128(name, seed_).low; }
  SeriesNames& names() { return names_; }
  ClassNames& classes() { return classes_; }
  std::int64_t bytes() const;

  // Shapes that have come and gone since the last call, for durable state.
  std::vector<ShapeId> TakeNew();
  std::vector<ShapeId> TakeForgotten();
  // Takes shapes with their ids from a checkpoint, before any event; only what Resolve cannot know
  // need be set.
  void Restore(std::vector<EventShape> shapes);

 private:
  using Particulars = boost::unordered_flat_set<Hash128, FirstHalf>;

  EventShape Build(const Request& request);
  // False: this series has had too many thresholds and weights to name another.
  bool NoteParticulars(const EventShape& shape);
  void Complete(EventShape& shape) const;
  EventShape& Intern(EventShape shape);
  // Of everything but what follows from the rest.
  Hash128 HashOf(const EventShape& shape) const;

  const SourceOptions& source_;
  const HashSeed seed_;
  const KeyedHasher hasher_;  // That nothing was added to.
  const std::size_t most_shapes_;
  SeriesNames names_;
  ClassNames classes_;
  boost::unordered_flat_map<Hash128, EventShape*, FirstHalf> cache_;  // Emptied when full.
  boost::unordered_flat_map<Hash128, ShapeId, FirstHalf> ids_;        // By HashOf(shape).
  std::deque<EventShape> shapes_;
  std::vector<ShapeId> free_;
  boost::unordered_flat_map<SeriesId, Particulars> particulars_;  // By whole series.
  std::vector<ShapeId> new_;
  std::vector<ShapeId> forgotten_;
  bool sweep_due_ = false;
};

}  // namespace guardwatch
