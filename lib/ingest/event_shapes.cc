#include "ingest/event_shapes.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/bytes.h"

namespace guardwatch {
namespace {

constexpr std::uint64_t kAbsent = ~std::uint64_t{0};  // Instead of a cohort value, in a hash.
constexpr std::size_t kMaxCached = 1 << 16;
constexpr std::size_t kLongestPolicyVersion = 128;
constexpr std::size_t kShapesBeforeSweep = 1 << 17;
// A series whose thresholds take more values than this has no threshold worth naming.
constexpr std::uint32_t kMaxParticulars = 256;

}  // namespace

EventShapes::EventShapes(const SourceOptions& source, HashSeed seed, std::size_t most_shapes)
    : source_(source),
      seed_(seed),
      hasher_(seed),
      most_shapes_(most_shapes),
      names_(source),
      classes_(seed) {}

Hash128 EventShapes::NamesOf(const Request& request, std::uint64_t guardrail) const {
  const Event& event = request.event;
  KeyedHasher hasher = hasher_;
  const std::uint32_t flags = (event.variant == Variant::kLive ? 0u : 1u) |
                              (request.has_score ? 2u : 0u) | (request.class_name ? 4u : 0u);
  const std::uint64_t numbers =
      std::uint64_t{request.weight.value_or(0)} << 32 | (request.log << 3 | flags);
  hasher.Add(guardrail ^ numbers, std::bit_cast<std::uint64_t>(event.threshold.value_or(-1)));
  hasher.Add(request.category);
  hasher.Add(event.model_version);
  hasher.Add(event.policy_version);
  if (request.class_name) hasher.Add(*request.class_name);
  for (const CohortValue& value : event.cohort) {
    if (value.present) {
      hasher.Add(value.text);
    } else {
      hasher.Add(kAbsent, kAbsent);
    }
  }
  return hasher.Finish();
}

EventShape& EventShapes::Resolve(const Request& request) {
  const KeyedHasher hasher = HasherOf(request.event.guardrail);
  const Hash128 names = NamesOf(request, hasher.Finish().low);
  if (EventShape* const known = Find(names)) return *known;
  const std::int64_t folded_before = names_.folded();
  EventShape& shape = Intern(Build(request));
  // Names without a place are not cached: there may be millions of them.
  if (names_.folded() != folded_before || shape.varied) return shape;
  if (cache_.size() >= kMaxCached) {
    cache_.clear();
    sweep_due_ = true;
  }
  cache_.insert_or_assign(names, &shape);
  return shape;
}

EventShape EventShapes::Build(const Request& request) {
  const Event& event = request.event;
  EventShape shape;
  shape.series = names_.Resolve(event, request.category);
  shape.log = request.log;
  shape.variant = event.variant;
  shape.has_score = request.has_score;
  shape.is_class = request.class_name.has_value();
  shape.category = HashOf(request.category);
  shape.class_name = request.class_name ? HashOf(*request.class_name) : 0;
  if (request.class_name && request.category == kTopLabel) {
    shape.predicted = classes_.Resolve(event.guardrail, *request.class_name);
  }
  const bool long_policy = event.policy_version.size() > kLongestPolicyVersion;
  shape.policy_version = long_policy ? kOther : event.policy_version;
  shape.threshold =
      event.threshold ? event.threshold : names_.unit(shape.series.unit).settings.threshold;
  shape.weight = request.weight;
  if (ids_.size() >= most_shapes_ && !ids_.contains(HashOf(shape))) {
    // Of so many combinations of names none is worth a place: the event counts in full, and under
    // __other__ in each dimension.
    names_.FoldSlices(event, shape.series);
    shape.policy_version.clear();
  }
  if (!NoteParticulars(shape)) {
    shape.varied = true;
    shape.threshold.reset();
    shape.weight.reset();
  }
  return shape;
}

bool EventShapes::NoteParticulars(const EventShape& shape) {
  KeyedHasher hasher(seed_);
  hasher.Add(std::bit_cast<std::uint64_t>(shape.threshold.value_or(-1)), shape.weight.value_or(0));
  Particulars& known = particulars_[shape.series.whole];
  const Hash128 hash = hasher.Finish();
  if (known.contains(hash)) return true;
  if (known.size() >= kMaxParticulars) return false;
  known.insert(hash);
  return true;
}

void EventShapes::Complete(EventShape& shape) const {
  shape.settings = &names_.unit(shape.series.unit).settings;
  if (!shape.threshold) return;
  shape.band = ScoreBand::Around(*shape.threshold, shape.settings->band);
}

Hash128 EventShapes::HashOf(const EventShape& shape) const {
  ByteWriter key;
  key.Varint(shape.series.whole);
  for (std::size_t i = 0; i < shape.series.slice_count; ++i) key.Varint(shape.series.slices[i]);
  key.Varint(shape.log);
  key.Byte(static_cast<std::uint8_t>((shape.has_score ? 1 : 0) | (shape.is_class ? 2 : 0) |
                                     (shape.varied ? 4 : 0)));
  key.Fixed(shape.category);
  key.Fixed(shape.class_name);
  key.Varint(shape.predicted);
  key.Real(shape.threshold.value_or(-1));
  key.Varint(shape.weight.value_or(0));
  key.Text(shape.policy_version);
  KeyedHasher hasher = hasher_;
  hasher.Add(key.bytes());
  return hasher.Finish();
}

EventShape& EventShapes::Intern(EventShape shape) {
  const Hash128 hash = HashOf(shape);
  if (const auto known = ids_.find(hash); known != ids_.end()) return shapes_[known->second];
  Complete(shape);
  if (!free_.empty()) {
    shape.id = free_.back();
    free_.pop_back();
  } else {
    shape.id = static_cast<ShapeId>(shapes_.size());
    shapes_.emplace_back();
  }
  ids_.emplace(hash, shape.id);
  new_.push_back(shape.id);
  if (ids_.size() >= kShapesBeforeSweep) sweep_due_ = true;
  shapes_[shape.id] = std::move(shape);
  return shapes_[new_.back()];
}

void EventShapes::Sweep() {
  if (!sweep_due_) return;
  sweep_due_ = false;
  std::vector<bool> cached(shapes_.size());
  for (const auto& [names, shape] : cache_) cached[shape->id] = true;
  boost::unordered::erase_if(ids_, [&](const auto& entry) {
    const ShapeId id = entry.second;
    if (shapes_[id].waiting > 0 || cached[id]) return false;
    shapes_[id] = EventShape{};
    free_.push_back(id);
    forgotten_.push_back(id);
    return true;
  });
}

std::int64_t EventShapes::bytes() const {
  return static_cast<std::int64_t>(ids_.size() * (sizeof(EventShape) + 96));
}

std::vector<ShapeId> EventShapes::TakeNew() {
  std::vector<ShapeId> fresh = std::exchange(new_, {});
  // One that was forgotten again has nothing to tell.
  std::erase_if(fresh, [&](ShapeId id) { return shapes_[id].settings == nullptr; });
  return fresh;
}

std::vector<ShapeId> EventShapes::TakeForgotten() { return std::exchange(forgotten_, {}); }

void EventShapes::Restore(std::vector<EventShape> shapes) {
  for (EventShape& shape : shapes) {
    Complete(shape);
    if (shapes_.size() <= shape.id) shapes_.resize(shape.id + 1);
    ids_.emplace(HashOf(shape), shape.id);
    if (!shape.varied) NoteParticulars(shape);
    const ShapeId id = shape.id;
    shapes_[id] = std::move(shape);
  }
  for (ShapeId id = 0; id < shapes_.size(); ++id) {
    if (shapes_[id].settings == nullptr) free_.push_back(id);
  }
}

}  // namespace guardwatch
