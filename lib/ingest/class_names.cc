#include "ingest/class_names.h"

#include "window/series.h"

namespace guardwatch {
namespace {

constexpr std::size_t kLongestName = 128;

}  // namespace

ClassNames::ClassNames(HashSeed seed)
    : seed_(seed), entries_({{"", ""}, {"", std::string(kOther)}}) {}

ClassId ClassNames::Resolve(std::string_view guardrail, std::string_view name) {
  if (name.size() > kLongestName) return kOtherClass;
  KeyedHasher hasher(seed_);
  hasher.Add(guardrail);
  hasher.Add(name);
  const Hash128 key = hasher.Finish();
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (entries_.size() >= kMost) return kOtherClass;
  std::uint32_t& used = used_[std::string(guardrail)];
  if (used >= kMostOfGuardrail) return kOtherClass;
  ++used;
  const auto id = static_cast<ClassId>(entries_.size());
  entries_.push_back({std::string(guardrail), std::string(name)});
  ids_.emplace(key, id);
  return id;
}

}  // namespace guardwatch
