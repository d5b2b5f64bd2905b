#include "replay_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "stats/interval.h"
#include "stats/operating_curve.h"
#include "stats/proportion.h"

namespace guardwatch {
namespace {

constexpr double kSide = 220;
constexpr std::size_t kCells = 64;  // Equal widths into which the score grid nests.

double X(double share) { return share * kSide; }
double Y(double share) { return (1.0 - share) * kSide; }

void Begin(std::ostream& out, std::string_view title) {
  out << "<figure><svg viewBox=\"-2 -2 224 224\" width=\"224\" height=\"224\" role=\"img\" "
         "aria-label=\""
      << title << "\"><rect width=\"220\" height=\"220\" class=\"frame\"/>";
}

void End(std::ostream& out, std::string_view caption) {
  out << "</svg><figcaption>" << caption << "</figcaption></figure>";
}

void WriteLine(std::ostream& out, std::string_view style, double x1, double y1, double x2,
               double y2) {
  out << "<line class=\"" << style << "\" x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2
      << "\" y2=\"" << y2 << "\"/>";
}

void WriteColumn(std::ostream& out, std::string_view style, double x, double width, double share) {
  out << "<rect class=\"" << style << "\" x=\"" << X(x) << "\" y=\"" << Y(share) << "\" width=\""
      << X(width) << "\" height=\"" << kSide * share << "\"/>";
}

void WriteDot(std::ostream& out, double x, double y, std::string_view title) {
  out << "<circle class=\"mark\" cx=\"" << X(x) << "\" cy=\"" << Y(y) << "\" r=\"4\"><title>"
      << title << "</title></circle>";
}

struct Cell {
  std::int64_t scored = 0;
  std::int64_t positive = 0;
};

std::array<Cell, kCells> Gathered(const ScoreHistogram& histogram) {
  std::array<Cell, kCells> cells;
  for (const HistogramCell& bin : histogram.cells()) {
    const score_grid::Range range = score_grid::RangeOf(bin.bin, histogram.m());
    const std::uint64_t middle = (std::uint64_t{range.low} + range.high) / 2;
    Cell& cell = cells[std::min(kCells - 1, static_cast<std::size_t>((middle * kCells) >> 30))];
    cell.scored += bin.scored;
    cell.positive += bin.positive;
  }
  return cells;
}

// The Jeffreys intervals of neighbouring bins, as one area.
void WriteJeffreysBand(const Aggregate& total, std::ostream& out) {
  std::vector<std::pair<double, Interval>> bands;
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = total.reliability[i];
    const auto band = JeffreysInterval(bin.positive, bin.labeled);
    if (!band) continue;
    bands.emplace_back(double(bin.score_q) / double{kScoreOne} / double(bin.labeled), *band);
  }
  out << "<polygon class=\"jeffreys\" points=\"";
  for (const auto& [score, band] : bands) out << X(score) << ',' << Y(band.high) << ' ';
  for (std::size_t i = bands.size(); i-- > 0;) {
    out << X(bands[i].first) << ',' << Y(bands[i].second.low) << ' ';
  }
  out << "\"/>";
}

using Curve = std::optional<std::vector<OperatingPoint>>;

template <class PointOf>
void WriteCurve(const Aggregate& total, const Curve& curve, std::string_view title,
                PointOf&& point_of, std::ostream& out) {
  Begin(out, title);
  out << "<polyline class=\"curve\" points=\"";
  for (const OperatingPoint& point : *curve) {
    if (const auto at = point_of(point.counts)) out << X(at->first) << ',' << Y(at->second) << ' ';
  }
  out << "\"/>";
  const ClassCounts decided{total.true_positive, total.false_positive, total.true_negative,
                            total.false_negative};
  if (const auto at = point_of(decided)) WriteDot(out, at->first, at->second, "as decided");
}

using Point = std::optional<std::pair<double, double>>;

Point Both(const std::optional<double>& x, const std::optional<double>& y) {
  if (!x || !y) return std::nullopt;
  return std::pair{*x, *y};
}

}  // namespace

void WriteReliabilityDiagram(const Aggregate& total, std::ostream& out) {
  Begin(out, "Reliability diagram");
  WriteJeffreysBand(total, out);
  WriteLine(out, "ideal", 0, kSide, kSide, 0);
  for (int i = 0; i < kReliabilityBins; ++i) {
    const ReliabilityBin bin = total.reliability[i];
    const auto band = WilsonInterval(bin.positive, bin.labeled);
    if (!band) continue;
    const double n = double(bin.labeled);
    const double score = double(bin.score_q) / double{kScoreOne} / n;
    const double rate = double(bin.positive) / n;
    WriteLine(out, "whisker", X(score), Y(band->low), X(score), Y(band->high));
    WriteDot(out, score, rate,
             "mean score " + std::to_string(score) + ", positive rate " + std::to_string(rate) +
                 " [" + std::to_string(band->low) + ", " + std::to_string(band->high) + "], n " +
                 std::to_string(bin.labeled));
  }
  End(out, "positive rate over mean score, 95 %: bars by Wilson, shaded by Jeffreys");
}

void WriteScoreHistogram(const Aggregate& total, const Operating& operating, std::ostream& out) {
  const std::array<Cell, kCells> cells = Gathered(total.histogram);
  double most = 1;
  for (const Cell& cell : cells) most = std::max(most, double(cell.scored));
  const auto height = [&](std::int64_t count) {
    return std::log1p(double(count)) / std::log1p(most);
  };
  Begin(out, "Histogram of scores");
  if (operating.threshold) {
    const double low = std::max(0.0, *operating.threshold - operating.band);
    const double high = std::min(1.0, *operating.threshold + operating.band);
    WriteColumn(out, "band", low, high - low, 1.0);
  }
  constexpr double kWidth = 1.0 / double{kCells};
  for (std::size_t i = 0; i < kCells; ++i) {
    WriteColumn(out, "column", double(i) * kWidth, kWidth, height(cells[i].scored));
    WriteColumn(out, "positive", double(i) * kWidth, kWidth, height(cells[i].positive));
  }
  if (operating.threshold) {
    const double x = X(*operating.threshold);
    WriteLine(out, "threshold", x, 0, x, kSide);
  }
  End(out, "scores, log scale; red: labelled positive; line and band: threshold");
}

void WriteRocCurve(const Aggregate& total, std::ostream& out) {
  const auto point = [](const ClassCounts& c) { return Both(c.FalsePositiveRate(), c.Recall()); };
  const Curve curve = OperatingCurve(total.histogram, total.histogram.m());
  if (!curve) return;
  WriteCurve(total, curve, "ROC curve", point, out);
  WriteLine(out, "ideal", 0, kSide, kSide, 0);
  End(out, "ROC: recall over false positive rate");
}

void WritePrecisionRecallCurve(const Aggregate& total, std::ostream& out) {
  const auto point = [](const ClassCounts& c) { return Both(c.Recall(), c.Precision()); };
  const Curve curve = OperatingCurve(total.histogram, total.histogram.m());
  if (!curve) return;
  WriteCurve(total, curve, "Precision-recall curve", point, out);
  const double base = double(total.positive) / double(total.labeled);
  WriteLine(out, "ideal", 0, Y(base), kSide, Y(base));
  End(out, "precision over recall; dashed: prevalence");
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

}  // namespace guardwatch
