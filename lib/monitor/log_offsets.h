#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "window/batch.h"
#include "window/pane.h"

namespace guardwatch {

// Which offsets of one log may hold the events of a stretch of event time. Remembers where the
// log's progress came into each 10 min of event time, for two months. What it says is a bound: no
// event of that time that counted lies outside. It follows from the log's own content only.
class LogOffsets {
 public:
  // Takes note of a change of the log.
  void Note(const LogChange& change);

  struct Offsets {
    std::int64_t from = 0;
    std::int64_t to = 0;  // The first that is not meant.
    friend bool operator==(const Offsets&, const Offsets&) = default;
  };
  // Offsets that may hold an event of `from` or later and were read while the log's progress was
  // less than `late` beyond `to`. Nullopt if nothing is remembered.
  std::optional<Offsets> Range(EventTime from, EventTime to, Duration late) const;

  // Panes that were entered, and such that were forgotten, since the last call: for durable state.
  struct Changes {
    std::vector<PaneIndex> entered;
    std::vector<PaneIndex> forgotten;
  };
  Changes TakeChanges() { return std::exchange(changes_, {}); }
  const std::map<PaneIndex, std::int64_t>& passages() const { return passages_; }  // Offsets.
  void Restore(const LogPassage& passage) { passages_[passage.pane] = passage.offset; }
  void RestoreEnd(std::int64_t read_to) { read_to_ = read_to; }

 private:
  std::map<PaneIndex, std::int64_t> passages_;
  Changes changes_;
  std::int64_t read_to_ = 0;
};

}  // namespace guardwatch
