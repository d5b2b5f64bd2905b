#include "replay_report.h"

#include <array>
#include <iomanip>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/reference_json.h"
#include "expose/window_json.h"
#include "replay_text.h"
#include "window/statistics.h"
#include "window/statistics_reference.h"

namespace guardwatch {
namespace {

// What is of the labels as they are, of the traffic, and of the reference stands in one row.
constexpr std::array<std::string_view, 7> kHeadline{
    "band_share", "fail_rate", "ece", "precision", "recall", "stratified_recall", "coverage"};
constexpr std::array<std::string_view, 2> kReference{"expected_recall",
                                                     "population_stability_index"};

std::vector<std::string> Row(const WindowRef& row, const RolledWindow* reference) {
  const Aggregate& total = row.window->total;
  std::vector<std::string> cells{SeriesText(*row.key), WindowText(*row.window),
                                 std::to_string(total.scored), std::to_string(total.labeled)};
  for (const std::string_view name : kHeadline) {
    cells.push_back(NumberText(FindStatistic(name)->compute(total)));
  }
  const HeldAgainst held =
      reference == nullptr ? HeldAgainst{} : HoldAgainst(*row.window, *reference);
  for (const std::string_view name : kReference) {
    cells.emplace_back("-");
    for (std::size_t i = 0; i < held.values.size(); ++i) {
      if (ReferenceStatistics()[i].name == name) cells.back() = NumberText(held.values[i]);
    }
  }
  return cells;
}

std::vector<std::string> Header() {
  std::vector<std::string> cells{"series", "window", "scored", "labeled"};
  cells.insert(cells.end(), kHeadline.begin(), kHeadline.end());
  cells.insert(cells.end(), kReference.begin(), kReference.end());
  return cells;
}

void WriteLine(std::string_view name, const StatisticValue& value, std::ostream& out) {
  out << "  " << std::left << std::setw(36) << name << std::setw(28)
      << (value.value ? NumberText(value) : std::string(value.reason)) << "n " << value.n << '\n';
}

}  // namespace

void WriteReplayJson(const ReplayResult& result, std::ostream& out) {
  const std::vector<WindowRef> windows = AllWindows(result.windows);
  const WindowContexts contexts(windows);
  for (const WindowRef& row : windows) {
    JsonWriter json;
    WriteWindow(json, *row.key, *row.window, StatisticSet::kAll, contexts.Of(row));
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
  const std::vector<WindowRef> windows = AllWindows(result.windows);
  const WindowContexts contexts(windows);
  for (const WindowRef& row : windows) rows.push_back(Row(row, contexts.Of(row).reference));
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

void WriteReplayStatistics(const ReplayResult& result, std::ostream& out) {
  const std::vector<WindowRef> windows = AllWindows(result.windows);
  const WindowContexts contexts(windows);
  for (const WindowRef& row : windows) {
    out << '\n' << SeriesText(*row.key) << ", " << WindowText(*row.window) << '\n';
    for (const Statistic& statistic : Statistics()) {
      if (statistic.expensive && !row.key->slice.whole()) continue;
      WriteLine(statistic.name, statistic.compute(row.window->total), out);
    }
    const WindowContext context = contexts.Of(row);
    if (context.reference == nullptr) continue;
    const HeldAgainst held = HoldAgainst(*row.window, *context.reference);
    out << " against " << held.reference.scored << " scores and " << held.reference.labeled
        << " labels of the reference\n";
    for (std::size_t i = 0; i < held.values.size(); ++i) {
      WriteLine(ReferenceStatistics()[i].name, held.values[i], out);
    }
  }
}

}  // namespace guardwatch
