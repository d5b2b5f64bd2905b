#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "detect/baseline_set.h"

namespace guardwatch {

struct BaselineFileResult {
  std::shared_ptr<const std::vector<BaselineSet>> baselines;  // Set if there are no errors.
  std::vector<ConfigError> errors;
};

// Reads what `guardwatchctl baseline` wrote, also what /api/v1/baselines?with=model_versions says,
// and holds it against the configuration: sources and guardrails that it names, slots, and the
// width of panes on labels. Whether the model versions are those that are served shows only at run
// time.
BaselineFileResult ParseBaselines(std::string_view text, const std::string& file_name,
                                  const Config& config);
BaselineFileResult LoadBaselines(const std::string& path, const Config& config);

}  // namespace guardwatch
