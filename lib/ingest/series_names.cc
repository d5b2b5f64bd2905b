#include "ingest/series_names.h"

#include <utility>

namespace guardwatch {
namespace {

constexpr std::int64_t kShardSlack = 4;  // A shard keeps this many times more names than the cap.
constexpr std::size_t kMaxCachedSets = 1 << 16;
constexpr std::size_t kLongestValue = 128;

void Append(std::string& key, std::string_view part) {
  key += part;
  key.push_back('\xff');  // Not part of any UTF-8 text, so no two lists of names share a key.
}

bool Full(std::size_t size, std::int64_t cap) {
  return static_cast<std::int64_t>(size) >= cap * kShardSlack;
}

}  // namespace

SeriesNames::SeriesNames(const SourceOptions& source, HashSeed seed)
    : source_(source), seed_(seed), dimensions_(Dimensions(source)), values_(dimensions_.size()) {}

const SeriesSet& SeriesNames::Resolve(const Event& event, std::string_view category) {
  scratch_.clear();
  Append(scratch_, event.guardrail);
  Append(scratch_, category);
  Append(scratch_, event.model_version);
  scratch_.push_back(event.variant == Variant::kLive ? 'l' : 'c');
  for (const CohortValue& value : event.cohort) {
    scratch_.push_back(value.present ? '=' : '-');
    Append(scratch_, value.text);
  }
  const Hash128 hash = SipHash128(scratch_, seed_);
  if (const auto cached = sets_.find(hash); cached != sets_.end()) return cached->second;
  const std::int64_t folded_before = folded_;
  const SeriesSet set = Build(event, category);
  if (sets_.size() >= kMaxCachedSets) sets_.clear();
  if (folded_ != folded_before) {
    // Names without a place are not cached: there may be millions of them.
    uncached_ = set;
    return uncached_;
  }
  return sets_.emplace(hash, set).first->second;
}

SeriesSet SeriesNames::Build(const Event& event, std::string_view category) {
  SeriesSet set;
  set.unit = InternUnit(event.guardrail, category);
  const std::string_view version = AdmitVersion(set.unit, event.model_version);
  set.whole = InternSeries(set.unit, version, event.variant, {}, {});
  for (const std::uint8_t dimension : units_[set.unit].settings.dimensions) {
    const CohortValue value =
        dimension < event.cohort.size() ? event.cohort[dimension] : CohortValue{};
    set.slices[set.slice_count++] = InternSeries(
        set.unit, version, event.variant, dimensions_[dimension], AdmitValue(dimension, value));
  }
  return set;
}

UnitId SeriesNames::InternUnit(std::string_view guardrail, std::string_view category) {
  std::string key;
  Append(key, guardrail);
  Append(key, category);
  if (const auto known = unit_ids_.find(key); known != unit_ids_.end()) return known->second;
  const bool reserved = guardrail == kOther && category.empty();
  if (!reserved && Full(units_.size(), source_.max_units)) {
    ++folded_;
    return InternUnit(kOther, "");
  }
  const auto id = static_cast<UnitId>(units_.size());
  units_.push_back({std::string(guardrail), std::string(category),
                    ResolveSettings(source_, guardrail, category)});
  versions_.emplace_back();
  unit_ids_.emplace(std::move(key), id);
  return id;
}

std::string_view SeriesNames::AdmitVersion(UnitId unit, std::string_view version) {
  NameMap& known = versions_[unit];
  if (known.contains(std::string(version))) return version;
  if (Full(known.size(), source_.max_versions_per_unit)) {
    ++folded_;
    return kOther;
  }
  known.emplace(version, 0);
  return version;
}

std::string_view SeriesNames::AdmitValue(std::size_t dimension, const CohortValue& value) {
  if (!value.present) return kNone;
  if (value.text.size() > kLongestValue) return kOther;
  NameMap& known = values_[dimension];
  if (known.contains(std::string(value.text))) return value.text;
  if (Full(known.size(), source_.max_values_per_dimension)) {
    ++folded_;
    return kOther;
  }
  known.emplace(value.text, 0);
  return value.text;
}

SeriesId SeriesNames::InternSeries(UnitId unit, std::string_view version, Variant variant,
                                   std::string_view dimension, std::string_view value) {
  std::string key = std::to_string(unit);
  key.push_back(variant == Variant::kLive ? 'l' : 'c');
  Append(key, version);
  Append(key, dimension);
  Append(key, value);
  const auto next = static_cast<SeriesId>(series_ids_.size());
  const auto [at, added] = series_ids_.emplace(std::move(key), next);
  if (added) {
    const UnitInfo& info = units_[unit];
    new_series_.push_back({next, SeriesKey{.unit = {source_.name, info.guardrail, info.category},
                                           .model_version = std::string(version),
                                           .variant = variant,
                                           .slice = {std::string(dimension), std::string(value)}}});
  }
  return at->second;
}

std::vector<SeriesDefinition> SeriesNames::TakeNewSeries() {
  return std::exchange(new_series_, {});
}

std::int64_t SeriesNames::TakeFolded() { return std::exchange(folded_, 0); }

}  // namespace guardwatch
