#pragma once

#include <memory>
#include <utility>

namespace guardwatch {

// A value that one thread changes and others may read a copy of. Copies of a frozen one are as
// cheap as a pointer: the value itself is copied by the next change, if there is one. Copies of one
// that is not are copies of the value. Takes no more memory than a pointer while it is T{}.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}
  Shared(const Shared& other) : value_(other.value_), frozen_(other.frozen_) {
    if (value_ && !frozen_) value_ = std::make_shared<T>(*value_);
  }
  Shared(Shared&&) noexcept = default;
  Shared& operator=(const Shared& other) { return *this = Shared(other); }
  Shared& operator=(Shared&&) noexcept = default;
  ~Shared() = default;

  const T& operator*() const {
    static const T kDefault{};
    return value_ ? *value_ : kDefault;
  }
  const T* operator->() const { return &**this; }
  operator const T&() const { return **this; }

  // To change it.
  T& Own() {
    if (!value_) {
      value_ = std::make_shared<T>();
    } else if (frozen_) {
      value_ = std::make_shared<T>(*value_);
    }
    frozen_ = false;
    return *value_;
  }

  // From now on others may have the same value.
  void Freeze() { frozen_ = true; }

 private:
  std::shared_ptr<T> value_;
  bool frozen_ = false;
};

}  // namespace guardwatch
