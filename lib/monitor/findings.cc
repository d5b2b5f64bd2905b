#include "monitor/findings.h"

#include <algorithm>
#include <utility>

#include "base/duration.h"

namespace guardwatch {
namespace {

constexpr Duration kNoDataAfter = std::chrono::minutes(1);
constexpr Duration kRemember = std::chrono::minutes(10);
constexpr Duration kStepOfMemory = std::chrono::minutes(1);
constexpr Duration kResetListed = std::chrono::hours(24);
constexpr std::int64_t kEnough = 100;  // Fewer events say nothing about "most".

std::int64_t Of(const LabelOutcomeView& view, LabelOutcome outcome) {
  return view.outcomes[static_cast<std::size_t>(outcome)];
}

}  // namespace

HealthWatch::Counts HealthWatch::CountNow(const SourceMonitor& monitor, MonotonicTime now) {
  Counts counts;
  counts.at = now;
  for (const LogView& log : monitor.logs().Views()) {
    TopicCounts& topic = counts.topics[log.topic];
    for (const std::int64_t n : log.counters.accepted) topic.accepted += n;
    for (const std::int64_t n : log.counters.rejected) topic.rejected += n;
  }
  for (const auto& [unit, labels] : monitor.labels()) {
    counts.labels_orphan += Of(labels, LabelOutcome::kOrphan);
    for (const LabelOutcome met :
         {LabelOutcome::kJoined, LabelOutcome::kCorrected, LabelOutcome::kRetracted,
          LabelOutcome::kRepeated, LabelOutcome::kStale, LabelOutcome::kUnusable}) {
      counts.labels_met += Of(labels, met);
    }
  }
  return counts;
}

void HealthWatch::Remember(const Counts& now) {
  if (past_.empty() || now.at - past_.back().at >= kStepOfMemory) past_.push_back(now);
  while (past_.size() > 1 && now.at - past_.front().at > kRemember) past_.pop_front();
}

Finding HealthWatch::Make(std::string kind, Finding::Severity severity, std::string subject,
                          std::string summary) const {
  Finding finding;
  finding.kind = std::move(kind);
  finding.severity = severity;
  finding.source = source_.name;
  finding.subject = std::move(subject);
  finding.summary = std::move(summary);
  return finding;
}

std::vector<Finding> HealthWatch::Judge(const SourceMonitor& monitor, const Tick& tick) {
  if (!started_) {
    started_ = true;
    moved_at_ = tick.monotonic;
    moved_at_wall_ = tick.wall;
    past_.push_back({tick.monotonic, {}, 0, 0});
  }
  std::vector<Finding> findings;
  const Counts now = CountNow(monitor, tick.monotonic);
  JudgeFlow(monitor, tick, findings);
  JudgeLogs(monitor, tick, findings);
  JudgeCounts(now, findings);
  if (const auto limit = monitor.horizon_limit()) {
    findings.push_back(Make("label_horizon_shortened", Finding::Severity::kCritical, "",
                            "More scores wait for labels than pending.max_bytes has room for, so "
                            "labels now join only up to " +
                                FormatDuration(*limit) +
                                " after their score: raise pending.max_bytes, set label_sample, or "
                                "shorten label_horizon."));
  }
  if (monitor.series_limit_reached()) {
    findings.push_back(
        Make("series_limit", Finding::Severity::kWarning, "",
             "A cap on units, versions, cohort values or series was reached; what is "
             "new is counted under __other__. Totals stay exact."));
  }
  Remember(now);
  return findings;
}

void HealthWatch::JudgeFlow(const SourceMonitor& monitor, const Tick& tick,
                            std::vector<Finding>& out) {
  if (monitor.sealed_through() != watermark_) {
    watermark_ = monitor.sealed_through();
    moved_at_ = tick.monotonic;
    moved_at_wall_ = tick.wall;
  }
  const Duration still = tick.monotonic - moved_at_;
  const auto logs = monitor.logs().Views();
  const bool finished = !logs.empty() && std::all_of(logs.begin(), logs.end(), [](const auto& log) {
    return log.state == LogState::kFinished;
  });
  if (finished) return;
  if (!monitor.logs().AnyEvent()) {
    if (still < kNoDataAfter) return;
    Finding finding = Make("no_data", Finding::Severity::kCritical, "",
                           "No event has arrived from source " + source_.name +
                               " yet: check brokers, topics and the producers.");
    finding.since_wall = moved_at_wall_;
    out.push_back(std::move(finding));
    return;
  }
  if (still < options_.stall_timeout) return;
  std::string why = "no new events";
  if (!monitor.logs().held_back_by().empty()) {
    why = "log " + monitor.logs().held_back_by() + " holds the watermark back";
  }
  Finding finding = Make("stalled", Finding::Severity::kCritical, monitor.logs().held_back_by(),
                         "Source " + source_.name + " has not advanced for " +
                             FormatDuration(std::chrono::floor<std::chrono::seconds>(still)) +
                             ": " + why + ". What is shown is as old as that.");
  if (watermark_ != kBeginningOfTime) finding.since = watermark_;
  finding.since_wall = moved_at_wall_;
  out.push_back(std::move(finding));
}

void HealthWatch::JudgeReset(const std::string& name, const LogReset& reset, const Tick& tick,
                             std::vector<Finding>& out) const {
  if (tick.wall - reset.at > kResetListed) return;
  std::string what;
  switch (reset.reason) {
    case ResetReason::kRetention:
      what = "records from offset " + std::to_string(reset.from) + " to before " +
             std::to_string(reset.to) +
             " were deleted before they were read, and are missing in what is shown: keep records "
             "longer, or find out why reading was behind";
      break;
    case ResetReason::kTruncated:
      what = "the log ends before offset " + std::to_string(reset.from) +
             ", up to which it was read; it is read again from " + std::to_string(reset.to);
      break;
    case ResetReason::kRecreated:
      what = "the topic was deleted and made again; the new one is read from offset " +
             std::to_string(reset.to);
      break;
    case ResetReason::kOutOfRange:
      what = "offset " + std::to_string(reset.from) + " is not in the log; it is read from " +
             std::to_string(reset.to);
      break;
  }
  Finding finding = Make("log_reset", Finding::Severity::kCritical, name,
                         "Log " + name + " did not go on where it was: " + what + ".");
  finding.since_wall = reset.at;
  out.push_back(std::move(finding));
}

void HealthWatch::JudgeLogs(const SourceMonitor& monitor, const Tick& tick,
                            std::vector<Finding>& out) const {
  for (const LogView& log : monitor.logs().Views()) {
    const std::string name = log.topic + "/" + std::to_string(log.partition);
    if (!log.resets.empty()) JudgeReset(name, log.resets.back(), tick, out);
    if (log.stuck) {
      out.push_back(Make("open_transaction", Finding::Severity::kWarning, name,
                         "Log " + name +
                             " holds records behind a transaction that has been open for long: "
                             "they are read once its producer ends it."));
    }
    if (log.state != LogState::kUnavailable) continue;
    out.push_back(Make("log_unavailable", Finding::Severity::kCritical, name,
                       "Log " + name +
                           " cannot be read; the rest of the source goes on without it, "
                           "and its events will be missing."));
  }
}

void HealthWatch::JudgeCounts(const Counts& now, std::vector<Finding>& out) const {
  const Counts& before = past_.front();
  for (const auto& [topic, counts] : now.topics) {
    const auto old = before.topics.find(topic);
    const TopicCounts base = old == before.topics.end() ? TopicCounts{} : old->second;
    const std::int64_t rejected = counts.rejected - base.rejected;
    const std::int64_t accepted = counts.accepted - base.accepted;
    if (rejected < kEnough || rejected <= accepted) continue;
    out.push_back(Make("events_rejected", Finding::Severity::kCritical, topic,
                       std::to_string(rejected) + " of the last " +
                           std::to_string(rejected + accepted) + " records of topic " + topic +
                           " were rejected: has their format changed? The reasons and the place of "
                           "the last one of each are under sources."));
  }
  const std::int64_t orphan = now.labels_orphan - before.labels_orphan;
  const std::int64_t met = now.labels_met - before.labels_met;
  if (orphan >= kEnough && orphan > met) {
    out.push_back(
        Make("labels_unmatched", Finding::Severity::kCritical, "",
             std::to_string(orphan) + " of the last " + std::to_string(orphan + met) +
                 " labels of source " + source_.name +
                 " met no score: check that both carry the same request_id and guardrail, "
                 "and that this is the right label topic."));
  }
}

}  // namespace guardwatch
