#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "monitor/snapshot.h"
#include "window/batch.h"

namespace guardwatch {

// Finds, on sealed panes, that a unit's model version, policy version or threshold has a value
// never seen before, or a new majority value. The first value of all is no event: nothing changed.
class EpochTracker {
 public:
  void Add(const UnitKey& unit, Variant variant, EpochTally::Field field, PaneIndex pane,
           const std::string& value, std::int64_t count);

  // Judges one pane, now sealed; panes come in order.
  void Seal(PaneIndex pane);

  // Durable state, as one record, and the way back. False: it cannot be understood.
  std::string Record() const;
  bool Load(std::string_view record);

  const std::vector<EpochEvent>& events() const { return events_; }  // The latest, newest last.

 private:
  using Subject = std::tuple<UnitKey, Variant, EpochTally::Field>;
  struct History {
    std::map<std::string, PaneIndex> known;
    std::string majority;
  };

  void Judge(const Subject& subject, const std::map<std::string, std::int64_t>& counts,
             PaneIndex pane);
  void Emit(const Subject& subject, std::string from, std::string to, bool first_seen,
            PaneIndex pane);

  std::map<PaneIndex, std::map<Subject, std::map<std::string, std::int64_t>>> unsealed_;
  std::map<Subject, History> histories_;
  std::vector<EpochEvent> events_;
};

}  // namespace guardwatch
