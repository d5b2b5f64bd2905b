#include "window/packed_aggregate.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "window/aggregate_record.h"

namespace guardwatch {
namespace {

// Most numbers of a small aggregate are zero, and its record has a byte for each. So records are
// kept by groups of eight bytes: a mask of those that are not zero, and these. The last group is
// filled up with zeros.
constexpr std::size_t kGroup = 8;

using Length = std::uint32_t;

std::string WithoutZeros(std::string_view record) {
  std::string out;
  out.reserve(record.size() + record.size() / kGroup + 1);
  for (std::size_t from = 0; from < record.size(); from += kGroup) {
    const std::size_t mask_at = out.size();
    out.push_back(0);
    unsigned mask = 0;
    for (std::size_t i = 0; i < std::min(kGroup, record.size() - from); ++i) {
      if (record[from + i] == 0) continue;
      mask |= 1u << i;
      out.push_back(record[from + i]);
    }
    out[mask_at] = static_cast<char>(mask);
  }
  return out;
}

std::string WithZeros(std::string_view packed) {
  std::string record;
  record.reserve(packed.size() * 2);
  for (std::size_t at = 0; at < packed.size();) {
    const auto mask = static_cast<std::uint8_t>(packed[at++]);
    for (std::size_t i = 0; i < kGroup; ++i) {
      record.push_back((mask >> i & 1u) != 0 ? packed[at++] : char{0});
    }
  }
  return record;
}

}  // namespace

PackedAggregate::PackedAggregate(const Aggregate& aggregate) {
  ByteWriter record;
  WriteAggregate(record, aggregate);
  const std::string packed = WithoutZeros(record.bytes());
  const auto length = static_cast<Length>(packed.size());
  bytes_.reset(new char[sizeof(Length) + packed.size()]);
  std::memcpy(bytes_.get(), &length, sizeof(Length));
  std::memcpy(bytes_.get() + sizeof(Length), packed.data(), packed.size());
}

std::size_t PackedAggregate::size() const {
  if (!bytes_) return 0;
  Length length = 0;
  std::memcpy(&length, bytes_.get(), sizeof(Length));
  return length;
}

Aggregate PackedAggregate::Unpack() const {
  if (!bytes_) return {};
  const std::string record = WithZeros({bytes_.get() + sizeof(Length), size()});
  ByteReader in(record);
  return ReadAggregate(in);
}

}  // namespace guardwatch
