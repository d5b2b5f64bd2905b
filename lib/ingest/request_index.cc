#include "ingest/request_index.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace guardwatch {

RequestIndex::RequestIndex(int part_bits) : parts_(std::size_t{1} << part_bits) {}

// Large parts grow by half, each from a size of its own, so that at any time some have just grown
// and others are about to: together they take a quarter more than they need, and no flood of events
// meets all of them growing at once.
std::size_t RequestIndex::LargerThan(std::size_t buckets, const Part& part) const {
  const auto number = static_cast<std::size_t>(&part - parts_.data());
  const std::size_t first_large = kSmall + kSmall * number / (2 * parts_.size());
  if (buckets >= first_large) return buckets + buckets / 2;
  return std::min(std::max<std::size_t>(4 * buckets, 2), first_large);
}

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
    at = at + 1 == part.bucket_count ? 0 : at + 1;
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
    at = at + 1 == part.bucket_count ? 0 : at + 1;
  }
}

RequestIndex::Part RequestIndex::Enlarge(Part& part, std::size_t buckets) {
  buckets_ += buckets - part.bucket_count;
  Part larger;
  larger.buckets = std::make_unique<Bucket[]>(buckets);
  larger.bucket_count = static_cast<std::uint32_t>(buckets);
  larger.size = part.size;
  return std::exchange(part, std::move(larger));
}

bool RequestIndex::GrowsWithOthers(const Part& part) const {
  if (part.bucket_count == 0 || part.bucket_count >= kSmall) return false;
  return AreMostlyFull(part.bucket_count, [&](std::size_t i) { return parts_[i].size; });
}

void RequestIndex::MakeRoom(const std::vector<std::uint32_t>& coming) {
  GUARDWATCH_CHECK(buckets_ == 0);
  for (const std::uint32_t count : coming) size_ += count;
  std::size_t together = 0;
  for (std::size_t small = 2;
       small < kSmall && AreMostlyFull(small, [&](std::size_t i) { return coming[i]; });
       small *= 4) {
    together = small;
  }
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    std::size_t room = together > 0 ? LargerThan(together, parts_[i]) : 0;
    while (coming[i] > Limit(room)) room = LargerThan(room, parts_[i]);
    if (room > 0) Enlarge(parts_[i], room);
  }
}

}  // namespace guardwatch
