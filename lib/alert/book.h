#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alert/alert.h"
#include "alert/rule.h"
#include "base/state_changes.h"
#include "base/time.h"

namespace guardwatch {

// What one evaluation of a rule found for one subject.
struct Evaluation {
  AlertLabels labels;             // Identity of the alert.
  std::optional<bool> condition;  // Nullopt: too little data, which neither fires nor resolves.
  std::optional<double> value;
  std::int64_t n = 0;
  // Used if the alert is or becomes active, or ends now. Empty: what was said before stays.
  std::map<std::string, std::string> annotations;
  // When the condition began to hold, where that may turn out later to have been earlier.
  std::optional<EventTime> began{};
};

// The state of one alert after one more evaluation at `now`. A pure function:
// inactive -> pending -> firing -> resolved, with `for` before firing and `keep_firing_for` before
// resolving, both in event time.
struct AlertInstance {
  Alert alert;
  std::optional<EventTime> clear_since;  // While firing: since when the condition has not held.
  WallTime resolved_wall{};              // When this process saw it resolve.
  bool active() const {
    return alert.state == AlertState::kPending || alert.state == AlertState::kFiring;
  }
};
AlertInstance Step(const AlertRule& rule, AlertInstance instance, bool condition, EventTime now);

// Every alert that is pending, firing, or was resolved a short while ago, by identity.
class AlertBook {
 public:
  void Step(const AlertRule& rule, const Evaluation& evaluation, EventTime now, WallTime wall);

  // Says something else of an alert that is active, or was; nothing happens if there is none.
  void Annotate(const AlertLabels& labels, std::map<std::string, std::string> annotations);

  // Resolves firing alerts whose rule is not among `rules`, and drops pending ones.
  void ResolveAllBut(const std::vector<AlertRule>& rules, WallTime wall);

  // Forgets alerts that were resolved before `wall`.
  void ForgetResolvedBefore(WallTime wall);

  std::vector<Alert> Alerts() const;  // Sorted by id.
  bool empty() const { return instances_.empty(); }

  // Durable state: what changed since the last call, under the alerts' ids, and the way back,
  // before any step. False: a record that cannot be understood.
  void TakeChanges(StateChanges& out);
  bool Load(const StateRecord& record);
  // Some alert has begun to fire or resolved since the last TakeChanges.
  bool phases_changed() const { return phases_changed_; }

 private:
  template <class Which>
  void Forget(Which&& which);

  std::map<std::string, AlertInstance> instances_;  // By alert id.
  std::set<std::string> changed_;                   // Ids, for durable state.
  bool phases_changed_ = false;
};

}  // namespace guardwatch
