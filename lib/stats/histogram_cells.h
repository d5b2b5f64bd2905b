#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

#include "stats/score_counts.h"
#include "stats/score_grid.h"

namespace guardwatch {

struct HistogramCell {
  std::uint16_t bin = 0;
  std::int64_t scored = 0;
  std::int64_t negative = 0;  // Labelled.
  std::int64_t positive = 0;  // Labelled.
  // Sums of q - RangeOf(bin).low over the labelled scores of each class: the mean score of a bin is
  // exact, not its middle. A residual is at most 2^24 (m = 5: 2^23), so 5e11 labels fit.
  std::int64_t negative_residual = 0;
  std::int64_t positive_residual = 0;
  friend bool operator==(const HistogramCell&, const HistogramCell&) = default;

  std::int64_t labeled() const { return negative + positive; }
  // Sums of q over the labelled scores of a class, exact up to 8e9 of them.
  std::int64_t NegativeScoreQ(int m) const {
    return negative * score_grid::RangeOf(bin, m).low + negative_residual;
  }
  std::int64_t PositiveScoreQ(int m) const {
    return positive * score_grid::RangeOf(bin, m).low + positive_residual;
  }
};

// The cells of a histogram in bin order, each put together when it is asked for. Valid as long as
// the histogram is and does not change.
class HistogramCells {
 public:
  class Iterator {
   public:
    struct Arrow {
      HistogramCell cell;
      const HistogramCell* operator->() const { return &cell; }
    };
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = HistogramCell;
    using difference_type = std::ptrdiff_t;
    using pointer = Arrow;
    using reference = HistogramCell;

    Iterator() = default;
    Iterator(const HistogramCells& cells, const ScoredCount* scored, const LabeledCount* labeled)
        : scored_(scored),
          labeled_(labeled),
          labeled_begin_(cells.labeled_.data()),
          labeled_end_(cells.labeled_.data() + cells.labeled_.size()) {}

    HistogramCell operator*() const {
      HistogramCell cell{scored_->bin(), scored_->scored()};
      if (AtLabels(labeled_)) {
        cell.negative = labeled_->negative;
        cell.positive = labeled_->positive;
        cell.negative_residual = labeled_->negative_residual;
        cell.positive_residual = labeled_->positive_residual;
      }
      return cell;
    }
    Arrow operator->() const { return {**this}; }
    Iterator& operator++() {
      if (AtLabels(labeled_)) ++labeled_;
      ++scored_;
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    Iterator& operator--() {
      --scored_;
      if (labeled_ != labeled_begin_ && AtLabels(labeled_ - 1)) --labeled_;
      return *this;
    }
    Iterator operator--(int) {
      const Iterator before = *this;
      --*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.scored_ == b.scored_; }

   private:
    bool AtLabels(const LabeledCount* labeled) const {
      return labeled != labeled_end_ && labeled->at == scored_->bin();
    }

    const ScoredCount* scored_ = nullptr;
    const LabeledCount* labeled_ = nullptr;  // The first whose bin is not before that of scored_.
    const LabeledCount* labeled_begin_ = nullptr;
    const LabeledCount* labeled_end_ = nullptr;
  };
  using const_iterator = Iterator;
  using value_type = HistogramCell;

  // Every bin of `labeled` is one of `scored`.
  HistogramCells(std::span<const ScoredCount> scored, std::span<const LabeledCount> labeled)
      : scored_(scored), labeled_(labeled) {}

  Iterator begin() const { return {*this, scored_.data(), labeled_.data()}; }
  Iterator end() const {
    return {*this, scored_.data() + scored_.size(), labeled_.data() + labeled_.size()};
  }
  std::reverse_iterator<Iterator> rbegin() const { return std::reverse_iterator(end()); }
  std::reverse_iterator<Iterator> rend() const { return std::reverse_iterator(begin()); }
  std::size_t size() const { return scored_.size(); }
  bool empty() const { return scored_.empty(); }
  HistogramCell front() const { return *begin(); }

 private:
  std::span<const ScoredCount> scored_;
  std::span<const LabeledCount> labeled_;
};

}  // namespace guardwatch
