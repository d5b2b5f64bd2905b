#include "replay_report.h"

#include <array>
#include <cstdio>
#include <iomanip>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/window_json.h"
#include "window/statistics.h"

namespace guardwatch {
namespace {

constexpr std::array<std::string_view, kLateAges> kLateNames{"1m", "10m", "1h", "6h", "1d", "more"};
constexpr std::array<std::string_view, 6> kHeadline{"band_share", "fail_rate", "ece",
                                                    "precision",  "recall",    "coverage"};

struct Totals {
  LogCounters logs;
  std::array<std::int64_t, kLabelOutcomes> labels{};
  DecisionOutcomes decisions;
  std::int64_t identity_in_two_logs = 0;
  std::int64_t folded_events = 0;
};

Totals TotalsOf(const Snapshot& snapshot) {
  Totals totals;
  for (const auto& source : snapshot.sources) {
    for (const LogView& log : source->logs) totals.logs += log.counters;
    for (const LabelOutcomeView& view : source->labels) {
      for (std::size_t i = 0; i < view.outcomes.size(); ++i) totals.labels[i] += view.outcomes[i];
    }
    totals.decisions += source->decisions;
    totals.identity_in_two_logs += source->identity_in_two_logs;
    totals.folded_events += source->folded_events;
  }
  return totals;
}

void WriteSummary(JsonWriter& json, const Snapshot& snapshot) {
  const Totals totals = TotalsOf(snapshot);
  json.BeginObject().Key("summary").BeginObject();
  json.Key("accepted").BeginObject();
  for (int i = 0; i < kEventKinds; ++i) {
    json.Field(ToString(static_cast<EventKind>(i)), totals.logs.accepted[std::size_t(i)]);
  }
  json.EndObject().Key("rejected").BeginObject();
  for (int i = 0; i < kRejectReasons; ++i) {
    json.Field(ToString(static_cast<RejectReason>(i)), totals.logs.rejected[std::size_t(i)]);
  }
  json.EndObject().Key("late").BeginObject();
  for (int i = 0; i < kLateAges; ++i) {
    json.Field(kLateNames[std::size_t(i)], totals.logs.late[std::size_t(i)]);
  }
  json.EndObject();
  json.Field("duplicates", totals.logs.duplicates);
  for (int i = 0; i < kLabelOutcomes; ++i) {
    json.Field("label_" + std::string(ToString(static_cast<LabelOutcome>(i))),
               totals.labels[std::size_t(i)]);
  }
  json.Field("decision_joined", totals.decisions.joined);
  json.Field("decision_late", totals.decisions.late);
  json.Field("decision_agreement", totals.decisions.agreement);
  json.Field("decision_disagreement", totals.decisions.disagreement);
  json.Field("decision_orphan", totals.decisions.orphan);
  json.Field("identity_in_two_logs", totals.identity_in_two_logs);
  json.Field("folded_events", totals.folded_events);
  json.EndObject().EndObject();
}

std::string NumberText(const StatisticValue& value) {
  if (!value.value) return "-";
  std::array<char, 64> text{};
  const int size = value.low && value.high
                       ? std::snprintf(text.data(), text.size(), "%.4f [%.4f, %.4f]", *value.value,
                                       *value.low, *value.high)
                       : std::snprintf(text.data(), text.size(), "%.4f", *value.value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string SeriesText(const SeriesKey& key) {
  std::string text = key.unit.guardrail;
  if (!key.unit.category.empty()) text += "/" + key.unit.category;
  if (!key.model_version.empty()) text += " " + key.model_version;
  if (key.variant == Variant::kCandidate) text += " (candidate)";
  if (!key.slice.whole()) text += " " + key.slice.dimension + "=" + key.slice.value;
  return text;
}

std::string WindowText(const WindowView& window) {
  return FormatDuration(window.window) + " " + std::string(ToString(window.view));
}

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

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Mean score against observed rate, a point per bin, its area by its labels.
void WriteDiagram(const SeriesWindow& row, std::ostream& out) {
  constexpr double kSide = 220;
  out << "<figure><svg viewBox=\"0 0 220 220\" width=\"220\" height=\"220\" role=\"img\">"
      << "<rect width=\"220\" height=\"220\" class=\"frame\"/>"
      << "<line x1=\"0\" y1=\"220\" x2=\"220\" y2=\"0\" class=\"ideal\"/>";
  for (int bin = 0; bin < kReliabilityBins; ++bin) {
    const ReliabilityBin b = row.window.total.reliability[bin];
    if (b.labeled <= 0) continue;
    const double mean = double(b.score_q) / double{kScoreOne} / double(b.labeled);
    const double rate = double(b.positive) / double(b.labeled);
    const double share = double(b.labeled) / double(row.window.total.labeled);
    out << "<circle cx=\"" << mean * kSide << "\" cy=\"" << (1.0 - rate) * kSide << "\" r=\""
        << 3.0 + 12.0 * share << "\"><title>bin " << bin << ": mean score " << mean
        << ", positive rate " << rate << ", n " << b.labeled << "</title></circle>";
  }
  out << "</svg><figcaption>" << Escaped(SeriesText(row.key)) << ", " << WindowText(row.window)
      << "</figcaption></figure>";
}

}  // namespace

void WriteReplayJson(const ReplayResult& result, std::ostream& out) {
  for (const SeriesWindow& row : result.windows) {
    JsonWriter json;
    WriteWindow(json, row.key, row.window);
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
  WriteSummary(json, *result.snapshot);
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
  WriteSummary(json, *result.snapshot);
  out << '\n' << json.text() << '\n';
}

void WriteReplayHtml(const ReplayResult& result, std::ostream& out) {
  out << "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>guardwatch replay</title>"
      << "<style>body{font:14px system-ui;margin:2rem;color-scheme:light dark}"
      << "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
      << "td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #8884}"
      << "figure{display:inline-block;margin:1rem}.frame{fill:none;stroke:#888}"
      << ".ideal{stroke:#888;stroke-dasharray:4}circle{fill:#36c;fill-opacity:.6}</style>"
      << "<h1>guardwatch replay</h1><h2>Reliability</h2>";
  for (const SeriesWindow& row : result.windows) {
    const bool shown = row.key.slice.whole() && row.window.total.labeled > 0 &&
                       row.window.view == WindowViewKind::kMatured;
    if (shown) WriteDiagram(row, out);
  }
  out << "<h2>Windows</h2><table><tr>";
  for (const std::string& cell : Header()) out << "<th>" << Escaped(cell) << "</th>";
  out << "</tr>";
  for (const SeriesWindow& row : result.windows) {
    out << "<tr>";
    for (const std::string& cell : Row(row)) out << "<td>" << Escaped(cell) << "</td>";
    out << "</tr>\n";
  }
  JsonWriter json;
  WriteSummary(json, *result.snapshot);
  out << "</table><h2>Counters</h2><pre>" << Escaped(json.text()) << "</pre></html>\n";
}

}  // namespace guardwatch
