#include "alert/book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "alert/book_record.h"

namespace guardwatch {
namespace {

AlertInstance WhenTrue(const AlertRule& rule, AlertInstance instance, EventTime now) {
  Alert& alert = instance.alert;
  instance.clear_since.reset();
  if (!instance.active()) {
    alert.state = AlertState::kPending;
    alert.pending_since = now;
    alert.firing_since.reset();
    alert.resolved_at.reset();
  }
  if (alert.state == AlertState::kPending && now - alert.pending_since >= rule.hold_for) {
    alert.state = AlertState::kFiring;
    alert.firing_since = now;
    ++alert.fired;
  }
  return instance;
}

AlertInstance WhenFalse(const AlertRule& rule, AlertInstance instance, EventTime now) {
  Alert& alert = instance.alert;
  if (alert.state == AlertState::kPending) alert.state = AlertState::kInactive;
  if (alert.state != AlertState::kFiring) return instance;
  if (!instance.clear_since) instance.clear_since = now;
  if (now - *instance.clear_since >= rule.keep_firing_for) {
    alert.state = AlertState::kResolved;
    alert.resolved_at = now;
  }
  return instance;
}

}  // namespace

AlertInstance Step(const AlertRule& rule, AlertInstance instance, bool condition, EventTime now) {
  return condition ? WhenTrue(rule, std::move(instance), now)
                   : WhenFalse(rule, std::move(instance), now);
}

void AlertBook::Step(const AlertRule& rule, const Evaluation& evaluation, EventTime now,
                     WallTime wall) {
  if (!evaluation.condition) return;
  const std::string id = AlertId(evaluation.labels);
  const auto known = instances_.find(id);
  if (known == instances_.end() && !*evaluation.condition) return;
  AlertInstance instance = known != instances_.end() ? known->second : AlertInstance{};
  const bool was_firing = instance.alert.state == AlertState::kFiring;
  instance = guardwatch::Step(rule, std::move(instance), *evaluation.condition, now);
  if (evaluation.began && instance.active()) {
    Alert& alert = instance.alert;
    alert.pending_since = std::min(alert.pending_since, *evaluation.began);
    if (alert.firing_since) {
      alert.firing_since = std::min(*alert.firing_since, *evaluation.began + rule.hold_for);
    }
  }
  changed_.insert(id);
  const bool is_firing = instance.alert.state == AlertState::kFiring;
  phases_changed_ = phases_changed_ || is_firing != was_firing;
  if (instance.alert.state == AlertState::kInactive) {
    if (known != instances_.end()) instances_.erase(known);
    return;
  }
  if (was_firing && instance.alert.state == AlertState::kResolved) instance.resolved_wall = wall;
  instance.alert.id = id;
  instance.alert.labels = evaluation.labels;
  if (instance.active() || was_firing) {
    instance.alert.value = evaluation.value;
    instance.alert.n = evaluation.n;
    if (!evaluation.annotations.empty()) instance.alert.annotations = evaluation.annotations;
  }
  instances_[id] = std::move(instance);
}

void AlertBook::Annotate(const AlertLabels& labels,
                         std::map<std::string, std::string> annotations) {
  const auto known = instances_.find(AlertId(labels));
  if (known == instances_.end() || known->second.alert.annotations == annotations) return;
  known->second.alert.annotations = std::move(annotations);
  changed_.insert(known->first);
}

void AlertBook::ResolveAllBut(const std::vector<AlertRule>& rules, WallTime wall) {
  std::set<std::string> kept;
  for (const AlertRule& rule : rules) kept.insert(rule.name);
  Forget([&](const AlertInstance& instance) {
    const Alert& alert = instance.alert;
    return alert.state == AlertState::kPending && !kept.contains(alert.labels.at("alertname"));
  });
  for (auto& [id, instance] : instances_) {
    Alert& alert = instance.alert;
    changed_.insert(id);
    if (alert.state != AlertState::kFiring || kept.contains(alert.labels.at("alertname"))) continue;
    alert.state = AlertState::kResolved;
    alert.resolved_at = std::max(*alert.firing_since, EventTimeFromMicros(Micros(wall)));
    instance.resolved_wall = wall;
    phases_changed_ = true;
  }
}

void AlertBook::ForgetResolvedBefore(WallTime wall) {
  Forget([&](const AlertInstance& instance) {
    return instance.alert.state == AlertState::kResolved && instance.resolved_wall < wall;
  });
}

template <class Which>
void AlertBook::Forget(Which&& which) {
  for (auto at = instances_.begin(); at != instances_.end();) {
    if (!which(at->second)) {
      ++at;
      continue;
    }
    changed_.insert(at->first);
    at = instances_.erase(at);
  }
}

std::vector<Alert> AlertBook::Alerts() const {
  std::vector<Alert> alerts;
  alerts.reserve(instances_.size());
  for (const auto& [id, instance] : instances_) alerts.push_back(instance.alert);
  return alerts;
}

void AlertBook::TakeChanges(StateChanges& out) {
  for (const std::string& id : changed_) {
    const auto at = instances_.find(id);
    if (at == instances_.end()) {
      out.Erase(id);
      continue;
    }
    ByteWriter record;
    WriteInstance(record, at->second);
    out.Put(id, record.Take());
  }
  changed_.clear();
  phases_changed_ = false;
}

bool AlertBook::Load(const StateRecord& record) {
  ByteReader in(record.value);
  AlertInstance instance = ReadInstance(in);
  if (!in.done() || instance.alert.id != record.key) return false;
  instances_[record.key] = std::move(instance);
  return true;
}

}  // namespace guardwatch
