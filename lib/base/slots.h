#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace guardwatch {

// Values that are found by a number and stay where they are: growing moves none of them. Numbers of
// what is gone are given out again, the latest first. `T` is made as T{}.
template <class T>
class Slots {
 public:
  using Number = std::uint32_t;

  Number Add(T value) {
    if (free_.empty()) AddBlock();
    const Number number = free_.back();
    free_.pop_back();
    (*this)[number] = std::move(value);
    return number;
  }
  void Remove(Number number) {
    (*this)[number] = T{};
    free_.push_back(number);
  }

  T& operator[](Number number) { return blocks_[number / kBlock][number % kBlock]; }
  const T& operator[](Number number) const { return blocks_[number / kBlock][number % kBlock]; }

  // What is in use; the memory of values that are gone is kept for the next ones.
  std::size_t size() const { return blocks_.size() * kBlock - free_.size(); }
  std::size_t bytes() const { return size() * (sizeof(T) + sizeof(Number)); }

 private:
  static constexpr Number kBlock = 256;

  void AddBlock() {
    const auto first = static_cast<Number>(blocks_.size() * kBlock);
    blocks_.push_back(std::make_unique<T[]>(kBlock));
    const std::size_t all = blocks_.size() * kBlock;  // So that Remove never allocates.
    if (free_.capacity() < all) free_.reserve(std::max(all, 2 * free_.capacity()));
    for (Number i = kBlock; i-- > 0;) free_.push_back(first + i);
  }

  std::vector<std::unique_ptr<T[]>> blocks_;
  std::vector<Number> free_;
};

}  // namespace guardwatch
