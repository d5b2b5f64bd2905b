#include "ingest/request_index.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace guardwatch {
namespace {

// Parts of fewer buckets double: moving entries costs more than the memory is worth.
constexpr std::size_t kSmall = 64;

std::size_t Larger(std::size_t buckets) {
  return buckets < kSmall ? std::max<std::size_t>(2 * buckets, 2) : buckets + buckets / 4;
}

}  // namespace

RequestIndex::RequestIndex(int part_bits) : parts_(std::size_t{1} << part_bits) {}

void RequestIndex::Place(Part& part, std::uint64_t hash, Ref ref) {
  std::size_t at = HomeOf(part, hash);
  while (true) {
    Bucket& bucket = part.buckets[at];
    if (const std::uint32_t free = bucket.SlotsWith(0); free != 0) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(free));
      bucket.tags[slot] = TagOf(hash);
      bucket.refs[slot] = ref;
      return;
    }
    ++bucket.passed_by;
    at = at + 1 == part.buckets.size() ? 0 : at + 1;
  }
}

void RequestIndex::Remove(std::uint64_t hash, Ref ref) {
  Part& part = parts_[PartOf(hash)];
  GUARDWATCH_CHECK(part.size > 0);
  std::size_t at = HomeOf(part, hash);
  while (true) {
    Bucket& bucket = part.buckets[at];
    for (std::size_t i = 0; i < kSlots; ++i) {
      if (bucket.tags[i] == 0 || bucket.refs[i] != ref) continue;
      bucket.tags[i] = 0;
      --part.size;
      --size_;
      return;
    }
    GUARDWATCH_CHECK(bucket.passed_by > 0);
    --bucket.passed_by;
    at = at + 1 == part.buckets.size() ? 0 : at + 1;
  }
}

std::vector<RequestIndex::Bucket> RequestIndex::Enlarge(Part& part) {
  const std::size_t before = part.buckets.size();
  const std::size_t after = Larger(before);
  std::vector<Bucket> old = std::exchange(part.buckets, std::vector<Bucket>(after));
  buckets_ += after - before;
  return old;
}

void RequestIndex::ReserveIn(Part& part, std::uint32_t coming) {
  GUARDWATCH_CHECK(part.size == 0);
  std::size_t after = part.buckets.size();
  while (coming > Limit(after)) after = Larger(after);
  buckets_ += after - part.buckets.size();
  part.buckets.resize(after);
}

}  // namespace guardwatch
