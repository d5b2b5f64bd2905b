#include "replay_html.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <string>

#include "base/json_writer.h"
#include "base/rfc3339.h"
#include "expose/reference_json.h"
#include "ingest/guardrail_settings.h"
#include "replay_svg.h"
#include "replay_text.h"
#include "window/statistics.h"
#include "window/statistics_classes.h"
#include "window/statistics_reference.h"

namespace guardwatch {
namespace {

constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\"><title>guardwatch replay</title><style>"
    "body{font:14px system-ui;margin:2rem;color-scheme:light dark}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "td,th{padding:.2rem .7rem;text-align:left;border-bottom:1px solid #8884}"
    "figure{display:inline-block;margin:1rem;vertical-align:top}"
    "svg text{font:10px system-ui;fill:currentColor}.frame,.grid{fill:none;stroke:#8888}"
    ".ideal{stroke:#888;stroke-dasharray:4}.mark{fill:#36c;fill-opacity:.6}"
    ".whisker,.curve{fill:none;stroke:#36c;stroke-width:1.5}.column{fill:#36c9}"
    ".positive{fill:#c33}.band{fill:#fa03}.threshold{stroke:#c70;stroke-width:1.5}"
    ".missing{color:#888}.jeffreys{fill:#36c2;stroke:none}</style><h1>guardwatch replay</h1>";

// The threshold that events carried last, else the configured one; the band is configured.
Operating OperatingOf(const Snapshot& snapshot, const std::vector<SourceOptions>& sources,
                      const SeriesKey& key) {
  Operating operating;
  for (const SourceOptions& source : sources) {
    if (source.name != key.unit.source) continue;
    const auto settings = ResolveSettings(source, key.unit.guardrail, key.unit.category);
    operating = {settings.threshold, settings.band};
  }
  for (const EpochEvent& epoch : snapshot.epochs) {
    if (epoch.unit != key.unit || epoch.variant != key.variant) continue;
    if (epoch.field != EpochTally::Field::kThreshold) continue;
    double threshold = 0;
    const char* end = epoch.to.data() + epoch.to.size();
    const auto read = std::from_chars(epoch.to.data(), end, threshold);
    if (read.ec == std::errc() && read.ptr == end) operating.threshold = threshold;
  }
  return operating;
}

std::string Four(double value) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.4f", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

constexpr std::string_view kColumns =
    "<table><tr><th>statistic<th>value<th>low<th>high<th>noise "
    "floor<th>debiased<th>p<th>n<th>meaning</tr>\n";

void WriteStatisticRow(std::string_view name, std::string_view help, const StatisticValue& v,
                       std::ostream& out) {
  out << "<tr><th>" << name << "<td>";
  if (v.value) {
    out << Four(*v.value);
  } else {
    out << "<span class=\"missing\">" << v.reason << "</span>";
  }
  for (const auto& part : {v.low, v.high, v.noise_floor, v.debiased, v.p}) {
    out << "<td>" << (part ? Four(*part) : "");
  }
  out << "<td>" << v.n << "<td>" << Escaped(help) << "</tr>\n";
}

void WriteStatisticsTable(const Aggregate& total, std::ostream& out) {
  out << "<details open><summary>Statistics</summary>" << kColumns;
  for (const Statistic& statistic : Statistics()) {
    WriteStatisticRow(statistic.name, statistic.help, statistic.compute(total), out);
  }
  out << "</table></details>";
}

void WriteReferenceTable(const WindowView& window, const RolledWindow* reference,
                         std::ostream& out) {
  if (reference == nullptr) return;
  const WindowView& period = reference->window;
  const HeldAgainst held = HoldAgainst(window, *reference);
  out << "<details open><summary>Against the reference: " << held.reference.labeled
      << " labels among " << held.reference.scored << " scores from "
      << FormatRfc3339(period.end - period.window) << " to " << FormatRfc3339(period.end)
      << (held.without_this_window ? ", without this window" : "") << "</summary>" << kColumns;
  for (std::size_t i = 0; i < held.values.size(); ++i) {
    const ReferenceStatistic& statistic = ReferenceStatistics()[i];
    WriteStatisticRow(statistic.name, statistic.help, held.values[i], out);
  }
  out << "</table></details>";
}

void WriteClassTable(const Aggregate& total, std::ostream& out) {
  if (total.classes.empty()) return;
  const ClassMatrix matrix = MatrixOf(total.classes);
  out << "<details open><summary>Labels by true class (rows) and predicted class, " << matrix.folded
      << " of them without a class of their own</summary><table class=\"classes\"><tr><th>";
  for (const std::string& name : matrix.classes) out << "<th>" << Escaped(name);
  out << "</tr>\n";
  for (std::size_t actual = 0; actual < matrix.classes.size(); ++actual) {
    out << "<tr><th>" << Escaped(matrix.classes[actual]);
    for (std::size_t predicted = 0; predicted < matrix.classes.size(); ++predicted) {
      out << "<td>" << matrix.counts.At(actual, predicted);
    }
    out << "</tr>\n";
  }
  out << "</table>" << kColumns;
  WriteStatisticRow("accuracy", "labels that name the predicted class", matrix.accuracy, out);
  WriteStatisticRow("macro_precision", "mean over predicted classes", matrix.macro_precision, out);
  WriteStatisticRow("macro_recall", "mean over true classes", matrix.macro_recall, out);
  WriteStatisticRow("macro_f1", "mean over classes", matrix.macro_f1, out);
  WriteStatisticRow("cohen_kappa", "agreement beyond chance", matrix.cohen_kappa, out);
  out << "</table></details>";
}

bool HasChapter(const WindowRef& row) {
  return row.key->slice.whole() && row.window->view == WindowViewKind::kMatured &&
         row.window->total->labeled > 0;
}

}  // namespace

void WriteReplayHtml(const ReplayResult& result, const std::vector<SourceOptions>& sources,
                     std::ostream& out) {
  const std::vector<WindowRef> windows = AllWindows(result.windows);
  const WindowContexts contexts(windows);
  out << kHead;
  for (const WindowRef& row : windows) {
    if (!HasChapter(row)) continue;
    const Aggregate& total = row.window->total;
    const std::string name = SeriesText(*row.key) + ", " + WindowText(*row.window);
    out << "<section><h2>" << Escaped(name) << "</h2>";
    WriteReliabilityDiagram(total, out);
    WriteScoreHistogram(total, OperatingOf(*result.snapshot, sources, *row.key), out);
    WriteRocCurve(total, out);
    WritePrecisionRecallCurve(total, out);
    WriteClassTable(total, out);
    WriteStatisticsTable(total, out);
    WriteReferenceTable(*row.window, contexts.Of(row).reference, out);
    out << "</section>\n";
  }
  out << "<h2>Windows</h2><table><tr><th>series<th>window<th>scored<th>labeled";
  for (const Statistic& statistic : Statistics()) {
    if (statistic.headline) out << "<th>" << statistic.name;
  }
  out << "</tr>\n";
  for (const SeriesWindow& row : result.windows) {
    const Aggregate& total = row.window.total;
    out << "<tr><th>" << Escaped(SeriesText(row.key)) << "<td>" << WindowText(row.window) << "<td>"
        << total.scored << "<td>" << total.labeled;
    for (const Statistic& statistic : Statistics()) {
      if (statistic.headline) out << "<td>" << NumberText(statistic.compute(total));
    }
    out << "</tr>\n";
  }
  JsonWriter json;
  WriteReplaySummary(json, *result.snapshot);
  out << "</table><h2>Counters</h2><pre>" << Escaped(json.text()) << "</pre></html>\n";
}

}  // namespace guardwatch
