#include "stage.h"

#include <iterator>
#include <utility>

namespace guardwatch::bench {

const std::vector<StageEntry>& Stages() {
  static const std::vector<StageEntry> all = [] {
    std::vector<StageEntry> entries = IngestStages();
    for (auto part : {MonitorStages(), ExposeStages()}) {
      std::move(part.begin(), part.end(), std::back_inserter(entries));
    }
    return entries;
  }();
  return all;
}

std::string Compare(const std::string& what, std::int64_t expected, std::int64_t found) {
  if (expected == found) return {};
  return what + ": expected " + std::to_string(expected) + ", found " + std::to_string(found);
}

}  // namespace guardwatch::bench
