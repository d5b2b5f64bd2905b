#include <algorithm>
#include <array>
#include <map>

#include "expose/metric_table.h"

// What guardwatch concluded: alerts, findings, epochs.

namespace guardwatch {
namespace {

constexpr MetricType kGauge = MetricType::kGauge;

// Identity of an alert in the metrics; in the order of its row's labels, without the state.
constexpr std::array<const char*, 10> kAlertLabels{"alertname", "source",   "guardrail", "category",
                                                   "variant",   "severity", "statistic", "window",
                                                   "dimension", "value"};

struct AlertFlags {
  bool pending = false;
  bool firing = false;
};

void AlertActive(const Scrape& scrape, SampleSink& out) {
  std::map<std::array<std::string_view, kAlertLabels.size()>, AlertFlags> alerts;
  for (const Alert& alert : scrape.snapshot.alerts) {
    std::array<std::string_view, kAlertLabels.size()> labels{};
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto at = alert.labels.find(kAlertLabels[i]);
      if (at != alert.labels.end()) labels[i] = at->second;
    }
    AlertFlags& flags = alerts[labels];
    flags.pending = flags.pending || alert.state == AlertState::kPending;
    flags.firing = flags.firing || alert.state == AlertState::kFiring;
  }
  for (const auto& [l, flags] : alerts) {
    const auto add = [&, &labels = l](AlertState state, bool active) {
      out.Add({labels[0], labels[1], labels[2], labels[3], labels[4], labels[5], labels[6],
               labels[7], labels[8], labels[9], ToString(state)},
              active ? 1 : 0);
    };
    add(AlertState::kPending, flags.pending);
    add(AlertState::kFiring, flags.firing);
  }
}

void Findings(const Scrape& scrape, SampleSink& out) {
  std::map<std::array<std::string_view, 3>, bool> kinds;
  for (const Finding& finding : scrape.snapshot.findings) {
    kinds[{finding.source, finding.kind, ToString(finding.severity)}] = true;
  }
  for (const auto& [labels, active] : kinds) {
    out.Add({labels[0], labels[1], labels[2]}, active ? 1 : 0);
  }
}

void Epochs(const Scrape& scrape, SampleSink& out) {
  std::map<std::array<std::string_view, 5>, EventTime> latest;
  for (const EpochEvent& epoch : scrape.snapshot.epochs) {
    auto [at, fresh] =
        latest.try_emplace({epoch.unit.source, epoch.unit.guardrail, epoch.unit.category,
                            ToString(epoch.variant), ToString(epoch.field)},
                           epoch.at);
    if (!fresh) at->second = std::max(at->second, epoch.at);
  }
  for (const auto& [labels, at] : latest) {
    out.Add({labels[0], labels[1], labels[2], labels[3], labels[4]}, double(Micros(at)) / 1e6);
  }
}

void NotificationsHeld(const Scrape& scrape, SampleSink& out) {
  out.Add({}, scrape.snapshot.notifications_held ? 1 : 0);
}

}  // namespace

std::vector<Metric> AlertMetrics() {
  std::vector<std::string> alert_labels(kAlertLabels.begin(), kAlertLabels.end());
  alert_labels.emplace_back("state");
  return {
      {"guardwatch_alert_active", kGauge, alert_labels,
       "1 for the state an alert is in: pending or firing; both 0 for a while once it resolved.",
       AlertActive},
      {"guardwatch_finding",
       kGauge,
       {"source", "kind", "severity"},
       "1 while something is known that a person should see before trusting a green light.",
       Findings},
      {"guardwatch_epoch_timestamp_seconds",
       kGauge,
       {"source", "guardrail", "category", "variant", "field"},
       "Event time of the latest change of model version, policy version or threshold.",
       Epochs},
      {"guardwatch_notifications_held",
       kGauge,
       {},
       "1 while alerts are not sent because the input is still being caught up with.",
       NotificationsHeld},
  };
}

}  // namespace guardwatch
