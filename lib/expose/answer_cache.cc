#include "expose/answer_cache.h"

#include <algorithm>
#include <iterator>

namespace guardwatch {
namespace {

// The series that `windows` belong to; both are in the order of the snapshot.
std::vector<std::shared_ptr<const SeriesView>> SeriesOf(const std::vector<WindowRef>& windows,
                                                        const Snapshot& snapshot) {
  std::vector<std::shared_ptr<const SeriesView>> series;
  auto at = windows.begin();
  for (const auto& view : snapshot.series) {
    const auto first = at;
    while (at != windows.end() && at->key == &view->key) ++at;
    if (at != first) series.push_back(view);
  }
  return series;
}

}  // namespace

const std::string& AnswerCache::Answer(std::string_view question, const Snapshot& snapshot,
                                       const std::vector<WindowRef>& windows,
                                       const std::function<std::string()>& make) {
  std::vector<const WindowView*> shown;
  shown.reserve(windows.size());
  for (const WindowRef& ref : windows) shown.push_back(ref.window);

  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.question == question; });
  if (at != entries_.end() && at->windows == shown) {
    at->asked = snapshot.at;
    entries_.splice(entries_.begin(), entries_, at);
    return entries_.front().answer;
  }
  if (at != entries_.end()) Forget(at);
  entries_.push_front(
      {std::string(question), SeriesOf(windows, snapshot), std::move(shown), make(), snapshot.at});
  bytes_ += entries_.front().answer.size();
  windows_ += entries_.front().windows.size();
  ForgetOld(snapshot.at);
  return entries_.front().answer;
}

void AnswerCache::Forget(Entries::iterator entry) {
  bytes_ -= entry->answer.size();
  windows_ -= entry->windows.size();
  entries_.erase(entry);
}

void AnswerCache::ForgetOld(WallTime now) {
  while (entries_.size() > 1 &&
         (bytes_ > kMostBytes || windows_ > kMostWindows || now - entries_.back().asked > kKept)) {
    Forget(std::prev(entries_.end()));
  }
}

}  // namespace guardwatch
