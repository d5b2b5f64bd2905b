#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "monitor/snapshot.h"

namespace guardwatch {

// How many drift detectors are in each state: a green light means little where nothing is armed.
inline std::map<std::string, std::int64_t> CountDriftStates(const std::vector<DriftView>& views) {
  std::map<std::string, std::int64_t> states{{"learning", 0}, {"armed", 0}, {"not_monitorable", 0}};
  for (const DriftView& view : views) ++states[view.state];
  return states;
}

}  // namespace guardwatch
