#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace guardwatch {

// Uses each thing kSteps later than it is told of, and the last ones at Finish: whoever tells asks
// the processor for the memory that using it will read (base/prefetch.h), and nobody waits for it.
template <class T, class Use>
class Ahead {
 public:
  static constexpr std::size_t kSteps = 32;

  explicit Ahead(Use use) : use_(std::move(use)) {}

  void Take(const T& thing) {
    T& slot = coming_[count_ % kSteps];
    if (count_ >= kSteps) use_(slot);
    slot = thing;
    ++count_;
  }
  void Finish() {
    for (std::size_t i = count_ < kSteps ? 0 : count_ - kSteps; i < count_; ++i) {
      use_(coming_[i % kSteps]);
    }
    count_ = 0;
  }

 private:
  Use use_;
  std::array<T, kSteps> coming_{};
  std::size_t count_ = 0;
};

template <class T, class Use>
Ahead<T, Use> AheadOf(Use use) {
  return Ahead<T, Use>(std::move(use));
}

}  // namespace guardwatch
