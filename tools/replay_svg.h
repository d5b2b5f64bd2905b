#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "window/aggregate.h"

// Drawings of one window, as figures of an HTML page: inline SVG, coloured by the page's classes.

namespace guardwatch {

// Where the guardrail decides.
struct Operating {
  std::optional<double> threshold;
  double band = 0.05;  // Half width.
};

// Positive rate against mean score per bin, with the Wilson interval of each.
void WriteReliabilityDiagram(const Aggregate& total, std::ostream& out);

// Scores in 64 cells on a logarithmic scale, and the positives among them.
void WriteScoreHistogram(const Aggregate& total, const Operating& operating, std::ostream& out);

// Nothing without labels of both kinds. The dot is what was in fact decided.
void WriteRocCurve(const Aggregate& total, std::ostream& out);
void WritePrecisionRecallCurve(const Aggregate& total, std::ostream& out);

std::string Escaped(std::string_view text);  // For HTML text and attributes.

}  // namespace guardwatch
