#include "monitor/history.h"

namespace guardwatch {

bool SeriesFilter::Matches(const SeriesKey& key) const {
  return (source.empty() || source == key.unit.source) &&
         (guardrail.empty() || guardrail == key.unit.guardrail) &&
         (!category || *category == key.unit.category) &&
         (!model_version || *model_version == key.model_version) &&
         (!variant || *variant == key.variant) && (!slice || *slice == key.slice);
}

}  // namespace guardwatch
