#include "window/coarse.h"

#include <array>

#include "window/pane.h"

namespace guardwatch {
namespace {

constexpr std::int64_t kMostPanes = 1024;
constexpr std::array<Duration, 4> kWidths{kPaneWidth, std::chrono::minutes(1),
                                          std::chrono::minutes(10), std::chrono::hours(1)};
constexpr Duration kWidest = std::chrono::hours(24);

}  // namespace

Duration CoarsePaneWidth(Duration longest_window, Duration label_horizon) {
  for (const Duration width : kWidths) {
    if (longest_window + label_horizon <= kMostPanes * width) return width;
  }
  return kWidest;
}

}  // namespace guardwatch
