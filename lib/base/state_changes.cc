#include "base/state_changes.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_set>
#include <utility>

namespace guardwatch {

void StateChanges::Append(StateChanges later, std::string_view under) {
  if (!under.empty()) {
    for (Change& change : later.changes_) change.key.insert(0, under);
  }
  if (changes_.empty()) {
    changes_ = std::move(later.changes_);
  } else {
    changes_.insert(changes_.end(), std::make_move_iterator(later.changes_.begin()),
                    std::make_move_iterator(later.changes_.end()));
  }
  if (changes_.size() < compact_at_) return;
  Compact();
  compact_at_ = std::max(kLeastToCompact, 2 * changes_.size());
}

void StateChanges::Compact() {
  std::unordered_set<std::string_view> decided;  // Keys that a later change is about.
  std::set<std::string_view> erased;             // Prefixes that are erased later.
  const auto erased_later = [&](std::string_view key) {
    // Of prefixes within each other only the nearest is looked at; what is left is erased anyway.
    const auto behind = erased.upper_bound(key);
    return behind != erased.begin() && key.starts_with(*std::prev(behind));
  };
  std::vector<bool> dropped(changes_.size());
  for (std::size_t i = changes_.size(); i-- > 0;) {
    const Change& change = changes_[i];
    if (erased_later(change.key)) {
      dropped[i] = true;
    } else if (change.kind == Kind::kErasePrefix) {
      erased.insert(change.key);
    } else {
      dropped[i] = !decided.insert(change.key).second;
    }
  }
  std::size_t i = 0;
  std::vector<Change> kept;
  for (Change& change : changes_) {
    if (!dropped[i++]) kept.push_back(std::move(change));
  }
  changes_ = std::move(kept);
}

std::size_t StateChanges::bytes() const {
  std::size_t sum = 0;
  for (const Change& change : changes_) sum += change.key.size() + change.value.size();
  return sum;
}

char KeyReader::Tag() {
  if (key_.empty()) {
    bad_ = true;
    return '\0';
  }
  const char tag = key_.front();
  key_.remove_prefix(1);
  return tag;
}

std::string_view KeyReader::Name() {
  const std::size_t end = key_.find('\xff');
  if (end == std::string_view::npos) {
    bad_ = true;
    key_ = {};
    return {};
  }
  const std::string_view name = key_.substr(0, end);
  key_.remove_prefix(end + 1);
  return name;
}

std::uint64_t KeyReader::BigEndian(std::size_t bytes) {
  if (key_.size() < bytes) {
    bad_ = true;
    key_ = {};
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value = (value << 8) | static_cast<unsigned char>(key_[i]);
  }
  key_.remove_prefix(bytes);
  return value;
}

}  // namespace guardwatch
