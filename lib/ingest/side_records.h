#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/slots.h"
#include "ingest/entries.h"

namespace guardwatch {

// What few of the scores that wait have, and the score itself, whose place the number of this
// record takes.
struct Side {
  std::uint32_t q = 0;
  std::optional<double> own_threshold;
  std::optional<Weight> own_weight;
  std::optional<double> event_threshold;
  std::optional<EventPlace> decided_at;
  std::optional<LabelKey> label_key;
  std::optional<bool> positive;
  ClassId actual = kNoClass;
  std::optional<Weight> label_weight;  // Not zero.
};

// Keeps them in 48 bytes if there is a label and nothing else, which is what nearly all are.
class SideRecords {
 public:
  using Number = std::uint32_t;  // Below 2^28.

  Number Add(const Side& side);
  Side operator[](Number number) const;
  void Remove(Number number);

  std::size_t bytes() const { return labels_.bytes() + rest_.bytes(); }

 private:
  struct Rest {
    std::optional<double> own_threshold;
    std::optional<Weight> own_weight;
    std::optional<double> event_threshold;
    std::optional<EventPlace> decided_at;
  };
  struct Labelled {
    LabelKey key;
    std::uint32_t q = 0;
    ClassId actual = kNoClass;
    Weight weight = 0;            // 0: none.
    std::uint32_t rest : 28 = 0;  // Its number and 1; 0: none.
    std::uint32_t has_key : 1 = 0;
    std::uint32_t has_value : 1 = 0;
    std::uint32_t positive : 1 = 0;
  };
  static_assert(sizeof(Labelled) == 48);

  Slots<Labelled> labels_;
  Slots<Rest> rest_;
};

// As records of durable state.
void WriteSide(ByteWriter& out, const Side& side);
Side ReadSide(ByteReader& in);

}  // namespace guardwatch
