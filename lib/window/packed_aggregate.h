#pragma once

#include <cstddef>
#include <memory>

#include "window/aggregate.h"

namespace guardwatch {

// An aggregate at rest, in as many bytes as its numbers need: one of five events takes some 60,
// where an Aggregate with its parts takes 700. It can be read and replaced, not changed.
class PackedAggregate {
 public:
  PackedAggregate() = default;  // Of nothing: Unpack gives Aggregate{}.
  explicit PackedAggregate(const Aggregate& aggregate);

  Aggregate Unpack() const;
  std::size_t size() const;  // In bytes.

 private:
  std::unique_ptr<char[]> bytes_;  // The length of what follows, and that.
};

}  // namespace guardwatch
