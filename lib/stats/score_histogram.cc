#include "stats/score_histogram.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

bool IsZero(const HistogramCell& cell) { return cell == HistogramCell{.bin = cell.bin}; }

template <class Count>
Count& FindOrMake(std::vector<Count>& counts, std::uint16_t bin) {
  const auto at =
      std::lower_bound(counts.begin(), counts.end(), bin,
                       [](const Count& count, std::uint16_t other) { return count.bin() < other; });
  if (at != counts.end() && at->bin() == bin) return *at;
  return *counts.insert(at, Count(bin));
}

// Makes room for counts that are missing and puts them there, from the back.
template <class Count>
void InsertMissing(const std::vector<Count>& other, std::size_t missing, int sign,
                   std::vector<Count>& counts) {
  std::size_t from = counts.size();
  // Windows grow by a few bins now and then, and there are many of them: a little room will do.
  if (from + missing > counts.capacity()) counts.reserve(from + missing + from / 8);
  counts.resize(from + missing);
  std::size_t to = counts.size();
  for (auto at = other.rbegin(); to != from; ++at) {
    while (from > 0 && counts[from - 1].bin() > at->bin()) counts[--to] = counts[--from];
    if (from > 0 && counts[from - 1].bin() == at->bin()) continue;
    counts[--to] = Count(at->bin());
    counts[to].Add(*at, sign);
  }
}

// True: some count has come to zero.
template <class Count>
bool AddAll(const std::vector<Count>& other, int sign, std::vector<Count>& counts) {
  bool zeros = false;
  std::size_t missing = 0;
  auto mine = counts.begin();
  for (const Count& count : other) {
    while (mine != counts.end() && mine->bin() < count.bin()) ++mine;
    if (mine == counts.end() || mine->bin() != count.bin()) {
      ++missing;
      zeros = zeros || count.zero();
    } else {
      mine->Add(count, sign);
      zeros = zeros || mine->zero();
    }
  }
  if (missing > 0) InsertMissing(other, missing, sign, counts);
  return zeros;
}

// Bins without scores that have no labels either.
void DropEmptyBins(const std::vector<LabeledCount>& labeled, std::vector<ScoredCount>& scored) {
  auto labels = labeled.begin();
  std::erase_if(scored, [&](const ScoredCount& count) {
    while (labels != labeled.end() && labels->bin() < count.bin()) ++labels;
    return count.zero() && (labels == labeled.end() || labels->bin() != count.bin());
  });
}

LabeledCount LabelsOf(const HistogramCell& cell) {
  LabeledCount labels(cell.bin);
  labels.negative = cell.negative;
  labels.positive = cell.positive;
  labels.negative_residual = cell.negative_residual;
  labels.positive_residual = cell.positive_residual;
  return labels;
}

}  // namespace

ScoreHistogram::ScoreHistogram(std::span<const HistogramCell> cells, int m) : m_(m) {
  if (cells.empty()) return;
  std::size_t labeled = 0;
  for (const HistogramCell& cell : cells) labeled += LabelsOf(cell).zero() ? 0 : 1;
  Counts& counts = Own();
  counts.scored.reserve(cells.size());
  counts.labeled.reserve(labeled);
  for (const HistogramCell& cell : cells) {
    counts.scored.emplace_back(cell.bin, cell.scored);
    if (const LabeledCount labels = LabelsOf(cell); !labels.zero())
      counts.labeled.push_back(labels);
  }
}

ScoreHistogram::ScoreHistogram(std::vector<ScoredCount> scored, std::vector<LabeledCount> labeled,
                               int m)
    : m_(m) {
  GUARDWATCH_CHECK(labeled.size() <= scored.size());
  if (scored.empty()) return;
  Counts& counts = Own();
  counts.scored = std::move(scored);
  counts.labeled = std::move(labeled);
}

ScoreHistogram::ScoreHistogram(const ScoreHistogram& other)
    : counts_(other.counts_ ? std::make_unique<Counts>(*other.counts_) : nullptr), m_(other.m_) {}

ScoreHistogram& ScoreHistogram::operator=(const ScoreHistogram& other) {
  if (this != &other) *this = ScoreHistogram(other);
  return *this;
}

ScoreHistogram::Counts& ScoreHistogram::Own() {
  if (!counts_) counts_ = std::make_unique<Counts>();
  return *counts_;
}

ScoredCount& ScoreHistogram::Scored(std::uint16_t bin) { return FindOrMake(Own().scored, bin); }

LabeledCount& ScoreHistogram::Labeled(std::uint16_t bin) {
  (void)Scored(bin);
  return FindOrMake(counts_->labeled, bin);
}

void ScoreHistogram::AddLabel(Score score, int m, bool positive, int sign) {
  const std::uint16_t bin = score_grid::BinOf(score, m);
  const std::int64_t residual = std::int64_t{score.q} - score_grid::RangeOf(bin, m).low;
  m_ = m;
  LabeledCount& count = Labeled(bin);
  (positive ? count.positive : count.negative) += sign;
  (positive ? count.positive_residual : count.negative_residual) += sign * residual;
}

void ScoreHistogram::AddLabel(std::uint16_t bin, bool positive, int sign) {
  LabeledCount& count = Labeled(bin);
  (positive ? count.positive : count.negative) += sign;
}

HistogramCells ScoreHistogram::cells() const {
  if (!counts_) return {{}, {}};
  return {counts_->scored, counts_->labeled};
}

void ScoreHistogram::Set(const HistogramCell& cell) {
  Scored(cell.bin) = ScoredCount(cell.bin, cell.scored);
  const LabeledCount labels = LabelsOf(cell);
  if (!labels.zero()) {
    Labeled(cell.bin) = labels;
  } else {
    std::erase_if(counts_->labeled, [&](const LabeledCount& each) { return each.at == cell.bin; });
  }
}

bool ScoreHistogram::empty() const {
  return !counts_ || (std::all_of(counts_->scored.begin(), counts_->scored.end(),
                                  [](const ScoredCount& count) { return count.zero(); }) &&
                      std::all_of(counts_->labeled.begin(), counts_->labeled.end(),
                                  [](const LabeledCount& count) { return count.zero(); }));
}

void ScoreHistogram::Clear() {
  if (counts_) {
    counts_->scored.clear();
    counts_->labeled.clear();
  }
  m_ = score_grid::kFine;
}

ScoreHistogram& ScoreHistogram::Combine(const ScoreHistogram& other, int sign) {
  if (other.cells().empty()) return *this;
  if (&other == this) return Combine(ScoreHistogram(other), sign);
  if (cells().empty()) m_ = other.m_;
  Counts& mine = Own();
  const bool labels_vanished = AddAll(other.counts_->labeled, sign, mine.labeled);
  if (labels_vanished) {
    std::erase_if(mine.labeled, [](const LabeledCount& count) { return count.zero(); });
  }
  const bool scores_vanished = AddAll(other.counts_->scored, sign, mine.scored);
  if (labels_vanished || scores_vanished) DropEmptyBins(mine.labeled, mine.scored);
  return *this;
}

ScoreHistogram ScoreHistogram::Coarsened(int m) const {
  ScoreHistogram coarse(m - 1);
  for (const HistogramCell& cell : cells()) {
    const std::uint32_t low = score_grid::RangeOf(cell.bin, m).low;
    const std::uint16_t bin = score_grid::BinOf(Score{low}, m - 1);
    const std::int64_t shift = low - score_grid::RangeOf(bin, m - 1).low;
    coarse.Scored(bin).Add(ScoredCount(bin, cell.scored), 1);
    LabeledCount labels = LabelsOf(cell);
    if (labels.zero()) continue;
    labels.negative_residual += shift * cell.negative;
    labels.positive_residual += shift * cell.positive;
    coarse.Labeled(bin).Add(labels, 1);
  }
  return coarse;
}

bool operator==(const ScoreHistogram& a, const ScoreHistogram& b) {
  const HistogramCells x = a.cells();
  const HistogramCells y = b.cells();
  auto i = x.begin();
  auto j = y.begin();
  while (true) {
    while (i != x.end() && IsZero(*i)) ++i;
    while (j != y.end() && IsZero(*j)) ++j;
    if (i == x.end() || j == y.end()) return i == x.end() && j == y.end();
    if (*i != *j) return false;
    ++i;
    ++j;
  }
}

}  // namespace guardwatch
