#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "expose/rollup.h"

namespace guardwatch {

// Answers that are made of windows of the present, kept until a pane of one of these is sealed:
// however many people look at one guardrail, its statistics are computed once. For one thread.
class AnswerCache {
 public:
  // Answers of more bytes than this together, or of more windows, are forgotten, oldest first, and
  // so are those that nobody has asked for so long: they keep windows of the past.
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;
  static constexpr std::size_t kMostWindows = 20'000;
  static constexpr Duration kKept = std::chrono::minutes(1);

  // The answer to `question`. `windows` stand in `snapshot` and are all it is made of; `make` is
  // called if they are not those of the last time. Valid until the next call.
  const std::string& Answer(std::string_view question, const Snapshot& snapshot,
                            const std::vector<WindowRef>& windows,
                            const std::function<std::string()>& make);

 private:
  struct Entry {
    std::string question;
    // In order. Kept, so that an address stands for the windows that it stood for.
    std::vector<std::shared_ptr<const SeriesView>> series;
    std::vector<const WindowView*> windows;
    std::string answer;
    WallTime asked{};  // The last time, by the snapshot.
  };
  using Entries = std::list<Entry>;

  void Forget(Entries::iterator entry);
  void ForgetOld(WallTime now);

  Entries entries_;          // Asked for last first.
  std::size_t bytes_ = 0;    // Of their answers.
  std::size_t windows_ = 0;  // Of all of them.
};

}  // namespace guardwatch
