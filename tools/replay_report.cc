#include "replay_report.h"

#include <array>
#include <iomanip>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/rollup.h"
#include "expose/window_json.h"
#include "replay_text.h"
#include "window/statistics.h"

namespace guardwatch {
namespace {

constexpr std::array<std::string_view, 6> kHeadline{"band_share", "fail_rate", "ece",
                                                    "precision",  "recall",    "coverage"};

std::vector<std::string> Row(const SeriesWindow& row) {
  std::vector<std::string> cells{SeriesText(row.key), WindowText(row.window),
                                 std::to_string(row.window.total.scored),
                                 std::to_string(row.window.total.labeled)};
  for (const std::string_view name : kHeadline) {
    cells.push_back(NumberText(FindStatistic(name)->compute(row.window.total)));
  }
  return cells;
}

std::vector<std::string> Header() {
  std::vector<std::string> cells{"series", "window", "scored", "labeled"};
  cells.insert(cells.end(), kHeadline.begin(), kHeadline.end());
  return cells;
}

}  // namespace

void WriteReplayJson(const ReplayResult& result, std::ostream& out) {
  const std::vector<WindowRef> windows = AllWindows(result.windows);
  for (const WindowRef& row : windows) {
    JsonWriter json;
    WriteWindow(json, *row.key, *row.window, StatisticSet::kAll, ClassesOf(windows, row));
    out << json.text() << '\n';
  }
  for (const SeriesHistory& history : result.panes) {
    for (const HistoryPoint& point : history.points) {
      JsonWriter json;
      WritePane(json, history.key,
                {point.end - point.start, WindowViewKind::kMatured, point.end, point.total});
      out << json.text() << '\n';
    }
  }
  JsonWriter json;
  WriteReplaySummary(json, *result.snapshot);
  out << json.text() << '\n';
}

void WriteReplayTable(const ReplayResult& result, std::ostream& out) {
  std::vector<std::vector<std::string>> rows{Header()};
  for (const SeriesWindow& row : result.windows) rows.push_back(Row(row));
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out << std::left << std::setw(static_cast<int>(widths[i]) + 2) << cells[i];
    }
    out << '\n';
  }
  JsonWriter json;
  WriteReplaySummary(json, *result.snapshot);
  out << '\n' << json.text() << '\n';
}

}  // namespace guardwatch
