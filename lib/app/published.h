#pragma once

#include <mutex>
#include <utility>

namespace guardwatch {

// The latest value of something, written by one thread and read by any.
template <class T>
class Published {
 public:
  Published() = default;
  explicit Published(T value) : value_(std::move(value)) {}

  void Publish(T next) {
    const std::lock_guard lock(mutex_);
    std::swap(value_, next);  // The old value is destroyed outside the lock.
  }
  T Get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_{};
};

}  // namespace guardwatch
