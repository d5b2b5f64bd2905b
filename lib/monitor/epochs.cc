#include "monitor/epochs.h"

#include <algorithm>
#include <utility>

namespace guardwatch {
namespace {

constexpr std::size_t kMaxEvents = 500;
constexpr std::size_t kMaxKnownValues = 200;  // A field with more is no field of epochs.

}  // namespace

void EpochTracker::Add(const UnitKey& unit, Variant variant, EpochTally::Field field,
                       PaneIndex pane, const std::string& value, std::int64_t count) {
  unsealed_[pane][{unit, variant, field}][value] += count;
}

void EpochTracker::Seal(PaneIndex pane) {
  while (!unsealed_.empty() && unsealed_.begin()->first <= pane) {
    for (const auto& [subject, counts] : unsealed_.begin()->second) {
      Judge(subject, counts, unsealed_.begin()->first);
    }
    unsealed_.erase(unsealed_.begin());
  }
}

void EpochTracker::Judge(const Subject& subject, const std::map<std::string, std::int64_t>& counts,
                         PaneIndex pane) {
  History& history = histories_[subject];
  std::int64_t total = 0;
  auto leading = counts.end();
  for (auto at = counts.begin(); at != counts.end(); ++at) {
    total += at->second;
    if (leading == counts.end() || at->second > leading->second) leading = at;
    if (history.known.size() >= kMaxKnownValues || history.known.contains(at->first)) continue;
    const bool something_before = !history.majority.empty();
    history.known.emplace(at->first, pane);
    if (something_before) Emit(subject, history.majority, at->first, true, pane);
  }
  if (leading == counts.end() || 2 * leading->second <= total) return;
  if (leading->first == history.majority) return;
  const std::string before = std::exchange(history.majority, leading->first);
  const auto known = history.known.find(leading->first);
  const bool just_seen = known != history.known.end() && known->second == pane;
  if (!before.empty() && !just_seen) Emit(subject, before, history.majority, false, pane);
}

void EpochTracker::Emit(const Subject& subject, std::string from, std::string to, bool first_seen,
                        PaneIndex pane) {
  const auto& [unit, variant, field] = subject;
  if (events_.size() >= kMaxEvents) events_.erase(events_.begin());
  events_.push_back(
      {unit, variant, field, std::move(from), std::move(to), first_seen, PaneStart(pane)});
}

}  // namespace guardwatch
