#include "window/aggregate_classes.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace guardwatch {
namespace {

using Cell = LabeledClasses::Cell;

bool Before(const Cell& a, const Cell& b) {
  return std::tie(a.actual, a.predicted) < std::tie(b.actual, b.predicted);
}

bool SamePlace(const Cell& a, const Cell& b) {
  return a.actual == b.actual && a.predicted == b.predicted;
}

// Adds up neighbours of the same place, and drops what comes to nothing.
void Tidy(std::vector<Cell>& cells) {
  std::size_t kept = 0;
  for (const Cell& cell : cells) {
    if (kept > 0 && SamePlace(cells[kept - 1], cell)) {
      cells[kept - 1].count += cell.count;
    } else {
      cells[kept++] = cell;
    }
  }
  cells.resize(kept);
  std::erase_if(cells, [](const Cell& cell) { return cell.count == 0; });
}

}  // namespace

LabeledClasses::LabeledClasses(std::span<const Pair> pairs) {
  std::vector<std::string_view> names;
  for (const Pair& pair : pairs) {
    names.push_back(pair.actual);
    names.push_back(pair.predicted);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto index_of = [&](std::string_view name) {
    const auto at = std::lower_bound(names.begin(), names.end(), name);
    return static_cast<std::uint32_t>(at - names.begin());
  };
  Table table;
  table.names.assign(names.begin(), names.end());
  for (const Pair& pair : pairs) {
    table.cells.push_back({index_of(pair.actual), index_of(pair.predicted), pair.count});
  }
  std::sort(table.cells.begin(), table.cells.end(), Before);
  Tidy(table.cells);
  DropUnused(table);
  if (!table.cells.empty()) table_ = std::make_unique<Table>(std::move(table));
}

LabeledClasses::LabeledClasses(const LabeledClasses& other)
    : table_(other.table_ ? std::make_unique<Table>(*other.table_) : nullptr) {}

LabeledClasses& LabeledClasses::operator=(const LabeledClasses& other) {
  if (this != &other) table_ = other.table_ ? std::make_unique<Table>(*other.table_) : nullptr;
  return *this;
}

std::span<const std::string> LabeledClasses::names() const {
  if (!table_) return {};
  return table_->names;
}

std::span<const Cell> LabeledClasses::cells() const {
  if (!table_) return {};
  return table_->cells;
}

void LabeledClasses::Clear() {
  if (!table_) return;
  table_->names.clear();
  table_->cells.clear();
}

// Names are sorted, so an index grows with its name: cells stay in order when they are renumbered.
LabeledClasses::Table LabeledClasses::Sum(const Table& a, const Table& b, int sign) {
  Table sum;
  std::set_union(a.names.begin(), a.names.end(), b.names.begin(), b.names.end(),
                 std::back_inserter(sum.names));
  const auto renumbered = [&](const Table& table, int factor) {
    std::vector<std::uint32_t> index;
    std::uint32_t next = 0;
    for (const std::string& name : table.names) {
      while (sum.names[next] != name) ++next;
      index.push_back(next);
    }
    std::vector<Cell> cells = table.cells;
    for (Cell& cell : cells) {
      cell = {index[cell.actual], index[cell.predicted], factor * cell.count};
    }
    return cells;
  };
  const std::vector<Cell> mine = renumbered(a, 1);
  const std::vector<Cell> theirs = renumbered(b, sign);
  std::merge(mine.begin(), mine.end(), theirs.begin(), theirs.end(), std::back_inserter(sum.cells),
             Before);
  Tidy(sum.cells);
  DropUnused(sum);
  return sum;
}

void LabeledClasses::DropUnused(Table& table) {
  std::vector<std::uint32_t> index(table.names.size());  // First whether it is in use.
  for (const Cell& cell : table.cells) index[cell.actual] = index[cell.predicted] = 1;
  std::uint32_t kept = 0;
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index[i] == 0) continue;
    if (kept != i) table.names[kept] = std::move(table.names[i]);
    index[i] = kept++;
  }
  if (kept == table.names.size()) return;
  table.names.resize(kept);
  for (Cell& cell : table.cells) {
    cell.actual = index[cell.actual];
    cell.predicted = index[cell.predicted];
  }
}

LabeledClasses& LabeledClasses::Combine(const LabeledClasses& other, int sign) {
  if (other.empty()) return *this;
  if (!table_) table_ = std::make_unique<Table>();
  *table_ = Sum(*table_, *other.table_, sign);
  return *this;
}

bool operator==(const LabeledClasses& a, const LabeledClasses& b) {
  if (a.table_ && b.table_) return *a.table_ == *b.table_;
  return a.empty() && b.empty();
}

}  // namespace guardwatch
