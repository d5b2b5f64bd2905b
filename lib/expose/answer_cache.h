#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expose/rollup.h"

namespace guardwatch {

// Answers that are made of windows of the present, kept until a pane of one of these is sealed:
// however many people look at one guardrail, its statistics are computed once. For one thread.
class AnswerCache {
 public:
  // Answers that take more memory than this together, oldest first, are forgotten.
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

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
  };

  void ForgetOldest();

  std::list<Entry> entries_;  // Asked for last first.
  std::size_t bytes_ = 0;     // Of their answers.
};

}  // namespace guardwatch
