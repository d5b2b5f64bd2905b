#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace guardwatch {

// How often events whose greatest score was that of one class were labelled with another or the
// same: the cells of a confusion matrix that are not zero. Classes are known by name, so that what
// different shards counted can be added. Always in one form: names are sorted and in use, cells are
// sorted and not zero. Takes no memory beyond a pointer until the first label.
class LabeledClasses {
 public:
  struct Cell {
    std::uint32_t actual = 0;     // Indexes into names(): what the label says,
    std::uint32_t predicted = 0;  // and the class with the greatest score.
    std::int64_t count = 0;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  struct Pair {
    std::string_view actual;
    std::string_view predicted;
    std::int64_t count = 0;  // In a change it may be negative.
  };

  LabeledClasses() = default;
  // Adds up pairs in any order, repeated ones too.
  explicit LabeledClasses(std::span<const Pair> pairs);
  LabeledClasses(const LabeledClasses& other);
  LabeledClasses(LabeledClasses&&) noexcept = default;
  LabeledClasses& operator=(const LabeledClasses& other);
  LabeledClasses& operator=(LabeledClasses&&) noexcept = default;
  ~LabeledClasses() = default;

  std::span<const std::string> names() const;
  std::span<const Cell> cells() const;
  bool empty() const { return cells().empty(); }
  void Clear();

  LabeledClasses& operator+=(const LabeledClasses& other) { return Combine(other, 1); }
  LabeledClasses& operator-=(const LabeledClasses& other) { return Combine(other, -1); }
  friend bool operator==(const LabeledClasses& a, const LabeledClasses& b);

 private:
  struct Table {
    std::vector<std::string> names;
    std::vector<Cell> cells;
    friend bool operator==(const Table&, const Table&) = default;
  };

  static Table Sum(const Table& a, const Table& b, int sign);
  static void DropUnused(Table& table);
  LabeledClasses& Combine(const LabeledClasses& other, int sign);

  std::unique_ptr<Table> table_;
};

}  // namespace guardwatch
