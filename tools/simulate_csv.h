#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "detect/e_factors.h"
#include "window/pane.h"

namespace guardwatch {

struct PaneRow {
  PaneIndex pane = 0;
  Count count;
};

// Lines `pane,n,s`: number of the pane, trials, successes; whole numbers, 0 <= s <= n, panes
// ascending. A first line of those names is a header; blank lines are skipped. Panes are in
// [-limit, limit]. The error says file:line:column and what was expected.
Result<std::vector<PaneRow>> ParsePanes(const std::string& file, std::string_view text,
                                        PaneIndex limit);

Result<std::vector<PaneRow>> ReadPanes(const std::string& file, PaneIndex limit);

}  // namespace guardwatch
