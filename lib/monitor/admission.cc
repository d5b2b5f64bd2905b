#include "monitor/admission.h"

namespace guardwatch {
namespace {

template <class Map, class Key>
std::int64_t CountOf(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? 0 : at->second;
}

template <class Map, class Key>
bool Release(Map& map, const Key& key) {
  const auto at = map.find(key);
  if (at == map.end() || --at->second > 0) return false;
  map.erase(at);
  return true;
}

// Names that take no room of the cap.
bool IsReserved(const std::string& name) { return name == kOther || name == kNone; }

}  // namespace

SeriesKey Admission::Admit(SeriesKey key) {
  UnitName unit{key.unit.guardrail, key.unit.category};
  if (!units_.contains(unit) && unit != UnitName(kOther, "") &&
      static_cast<std::int64_t>(units_.size()) >= source_.max_units) {
    unit = {std::string(kOther), ""};
    key.unit.guardrail = unit.first;
    key.unit.category = unit.second;
    limit_reached_ = true;
  }
  if (!versions_.contains({unit, key.model_version}) && !IsReserved(key.model_version) &&
      CountOf(versions_per_unit_, unit) >= source_.max_versions_per_unit) {
    key.model_version = kOther;
    limit_reached_ = true;
  }
  const Slice& slice = key.slice;
  if (!slice.whole() && !IsReserved(slice.value)) {
    const bool known = values_.contains({slice.dimension, slice.value});
    const bool full =
        CountOf(values_per_dimension_, slice.dimension) >= source_.max_values_per_dimension;
    if ((!known && full) || series_ >= max_series_) {
      key.slice.value = kOther;
      limit_reached_ = true;
    }
  }
  return key;
}

void Admission::Added(const SeriesKey& key) {
  const UnitName unit{key.unit.guardrail, key.unit.category};
  ++series_;
  ++units_[unit];
  if (!IsReserved(key.model_version) && ++versions_[{unit, key.model_version}] == 1) {
    ++versions_per_unit_[unit];
  }
  if (!key.slice.whole() && !IsReserved(key.slice.value) &&
      ++values_[{key.slice.dimension, key.slice.value}] == 1) {
    ++values_per_dimension_[key.slice.dimension];
  }
}

void Admission::Removed(const SeriesKey& key) {
  const UnitName unit{key.unit.guardrail, key.unit.category};
  --series_;
  Release(units_, unit);
  if (Release(versions_, std::pair{unit, key.model_version})) Release(versions_per_unit_, unit);
  if (Release(values_, std::pair{key.slice.dimension, key.slice.value})) {
    Release(values_per_dimension_, key.slice.dimension);
  }
}

}  // namespace guardwatch
