#include "app/notifier.h"

#include <algorithm>
#include <utility>

#include "base/rfc3339.h"
#include "net/clock.h"
#include "sink/alertmanager_sink.h"
#include "sink/log_sink.h"

namespace guardwatch {
namespace {

WallTime OnTheWall(EventTime time, WallTime now) {
  return std::min(WallTime(Duration(Micros(time))), now);
}

}  // namespace

Notification ToNotification(const Alert& alert, WallTime now, const std::string& external_url) {
  Notification notification;
  notification.id = alert.id;
  notification.labels = alert.labels;
  notification.annotations = alert.annotations;
  // A drift knows better since when than the alert does.
  notification.annotations.emplace("since", FormatRfc3339(alert.pending_since));
  notification.starts_at = OnTheWall(alert.firing_since.value_or(alert.pending_since), now);
  notification.generator_url = external_url;
  if (alert.state == AlertState::kResolved) {
    notification.resolved = true;
    notification.ends_at = OnTheWall(alert.resolved_at.value_or(alert.pending_since), now);
  }
  return notification;
}

Result<std::vector<std::unique_ptr<AlertSink>>> MakeSinks(IoLoop& loop,
                                                          const ReceiverConfig& config,
                                                          Logger& log) {
  if (config.alertmanager) return MakeAlertmanagerSinks(loop, config.alertmanager->options);
  std::vector<std::unique_ptr<AlertSink>> sinks;
  sinks.push_back(std::make_unique<LogSink>(
      [&log](std::string_view line) { log.Raw(line); },
      [&loop](std::function<void()> call) { loop.Post(std::move(call)); }));
  return sinks;
}

Result<std::unique_ptr<Notifier>> Notifier::Create(IoLoop& loop, const Config& config,
                                                   Logger& log) {
  auto notifier = std::make_unique<Notifier>();
  notifier->external_url_ = config.web.external_url;
  for (const ReceiverConfig& receiver : config.receivers) {
    auto sinks = MakeSinks(loop, receiver, log);
    if (!sinks) return Fail("receiver \"" + receiver.name + "\": " + sinks.error().message);
    DeliveryOptions options;
    if (receiver.alertmanager) options.resend_interval = receiver.alertmanager->resend_interval;
    for (std::unique_ptr<AlertSink>& sink : *sinks) {
      options.jitter_seed = static_cast<std::uint64_t>(Micros(Now())) + notifier->receivers_.size();
      const std::string name =
          sinks->size() > 1 ? receiver.name + " " + sink->name() : receiver.name;
      notifier->receivers_.push_back(
          {name, std::make_unique<Delivery>(std::move(sink), options, RealDeliveryClock(loop))});
    }
  }
  return notifier;
}

void Notifier::GoOnFrom(const Snapshot& restored) {
  for (const Alert& alert : restored.alerts) {
    if (alert.firing_since) told_.insert(alert.id);
  }
}

void Notifier::Update(const Snapshot& snapshot) {
  if (snapshot.notifications_held) return;
  std::vector<Notification> current;
  std::set<std::string> listed;
  for (const Alert& alert : snapshot.alerts) {
    listed.insert(alert.id);
    const bool firing = alert.state == AlertState::kFiring;
    const bool resolved = alert.state == AlertState::kResolved && told_.contains(alert.id);
    if (firing) told_.insert(alert.id);
    if (firing || resolved) current.push_back(ToNotification(alert, snapshot.at, external_url_));
  }
  std::erase_if(told_, [&](const std::string& id) { return !listed.contains(id); });
  for (const Receiver& receiver : receivers_) receiver.delivery->Update(current);
}

std::vector<ReceiverStatus> Notifier::Status() const {
  std::vector<ReceiverStatus> status;
  for (const Receiver& receiver : receivers_) {
    const DeliveryStats stats = receiver.delivery->stats();
    status.push_back({.name = receiver.name,
                      .sent = static_cast<std::int64_t>(stats.sent),
                      .failed = static_cast<std::int64_t>(stats.failed),
                      .dropped = static_cast<std::int64_t>(stats.dropped),
                      .queued = static_cast<std::int64_t>(stats.queue_length),
                      .last_success = stats.last_success,
                      .last_error = stats.last_error,
                      .circuit = std::string(ToString(stats.circuit))});
  }
  return status;
}

}  // namespace guardwatch
