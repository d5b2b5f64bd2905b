#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace guardwatch {

// One alarm behind an alert, as the alert tells it.
struct ToldFinding {
  std::string guardrail;
  std::string category;
  std::string statistic;
  std::string model_version;
  std::string dimension;
  std::string direction;
  std::string detector;
  EventTime pane{};  // Start of the pane that completed the evidence.
  double evidence = 0;
  double threshold = 0;
  std::vector<std::string> input;  // "topic/partition, offsets 1 to 9".
};

struct ToldAlert {
  std::string id;
  std::string summary;
  std::string description;
  std::vector<ToldFinding> findings;
};

// The alert of this id in a document of alerts (/api/v1/alerts, or a dry run's). `name` is for
// messages. An error also if it is no drift alert.
Result<ToldAlert> FindAlert(std::string_view document, const std::string& name,
                            const std::string& id);

}  // namespace guardwatch
