#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "expose/rollup.h"

namespace guardwatch {

// The windows of one cohort dimension that a whole is made up of.
struct CohortParts {
  std::string dimension;
  std::vector<const Aggregate*> parts;
};

// What a window is looked at beside.
struct WindowContext {
  std::vector<const Aggregate*> classes;  // Of a top-label window: its classes.
  std::vector<CohortParts> dimensions;    // Of a whole: its cohorts.
  // The matured view of the longest window of the same unit and variant, whole, over all its model
  // versions. Nullptr if there is none.
  const RolledWindow* reference = nullptr;
};

// Finds the context of windows among others. `all` must stay.
class WindowContexts {
 public:
  explicit WindowContexts(const std::vector<WindowRef>& all);

  WindowContext Of(const WindowRef& window) const&;
  WindowContext Of(const WindowRef& window) const&& = delete;  // It refers to what is kept here.

 private:
  using PartsKey =
      std::tuple<SeriesKey, Duration, WindowViewKind>;  // The key's slice is the whole.

  const std::vector<WindowRef>& all_;
  std::map<std::pair<UnitKey, Variant>, RolledWindow> references_;
  std::map<PartsKey, std::vector<CohortParts>> parts_;
};

}  // namespace guardwatch
