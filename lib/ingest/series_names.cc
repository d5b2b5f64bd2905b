#include "ingest/series_names.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
namespace {

constexpr std::int64_t kShardSlack = 4;  // A shard keeps this many times more names than the cap.
constexpr std::size_t kLongestValue = 128;

void Append(std::string& key, std::string_view part) {
  key += part;
  key.push_back('\xff');  // Not part of any UTF-8 text, so no two lists of names share a key.
}

bool Full(std::size_t size, std::int64_t cap) {
  return static_cast<std::int64_t>(size) >= cap * kShardSlack;
}

}  // namespace

SeriesNames::SeriesNames(const SourceOptions& source)
    : source_(source), dimensions_(Dimensions(source)), values_(dimensions_.size()) {}

SeriesSet SeriesNames::Resolve(const Event& event, std::string_view category) {
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

void SeriesNames::FoldSlices(const Event& event, SeriesSet& set) {
  const std::string version = definitions_[set.whole].key.model_version;
  const std::vector<std::uint8_t>& dimensions = units_[set.unit].settings.dimensions;
  for (std::size_t i = 0; i < set.slice_count; ++i) {
    set.slices[i] =
        InternSeries(set.unit, version, event.variant, dimensions_[dimensions[i]], kOther);
  }
  ++folded_;
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
  const auto next = static_cast<SeriesId>(definitions_.size());
  const auto [at, added] = series_ids_.emplace(std::move(key), next);
  if (added) {
    const UnitInfo& info = units_[unit];
    definitions_.push_back(
        {next, SeriesKey{.unit = {source_.name, info.guardrail, info.category},
                         .model_version = std::string(version),
                         .variant = variant,
                         .slice = {std::string(dimension), std::string(value)}}});
    unit_of_.push_back(unit);
  }
  return at->second;
}

std::vector<SeriesDefinition> SeriesNames::TakeNewSeries() {
  std::vector<SeriesDefinition> fresh(definitions_.begin() + static_cast<std::ptrdiff_t>(taken_),
                                      definitions_.end());
  taken_ = definitions_.size();
  return fresh;
}

std::int64_t SeriesNames::TakeFolded() { return folded_ - std::exchange(folded_taken_, folded_); }

bool SeriesNames::Restore(const SeriesDefinition& definition) {
  const SeriesKey& key = definition.key;
  const UnitId unit = InternUnit(key.unit.guardrail, key.unit.category);
  if (key.model_version != kOther) AdmitVersion(unit, key.model_version);
  const std::string& value = key.slice.value;
  const auto dimension = std::find(dimensions_.begin(), dimensions_.end(), key.slice.dimension);
  if (dimension != dimensions_.end() && value != kNone && value != kOther) {
    AdmitValue(static_cast<std::size_t>(dimension - dimensions_.begin()), {true, value});
  }
  const SeriesId id =
      InternSeries(unit, key.model_version, key.variant, key.slice.dimension, value);
  folded_ = folded_taken_ = 0;
  return id == definition.id;
}

}  // namespace guardwatch
