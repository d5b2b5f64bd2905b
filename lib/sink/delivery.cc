#include "sink/delivery.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/hash.h"
#include "net/clock.h"

namespace guardwatch {

DeliveryClock RealDeliveryClock(IoLoop& loop) {
  return {.monotonic_now = MonotonicNow,
          .wall_now = Now,
          .after = [&loop](Duration delay, std::function<void()> call) -> std::shared_ptr<void> {
            const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(delay);
            return std::make_shared<Timer>(loop.After(rounded, std::move(call)));
          }};
}

std::string_view ToString(Circuit circuit) {
  switch (circuit) {
    case Circuit::kClosed:
      return "closed";
    case Circuit::kOpen:
      return "open";
    case Circuit::kHalfOpen:
      return "half_open";
  }
  return "";
}

Delivery::Delivery(std::unique_ptr<AlertSink> sink, DeliveryOptions options, DeliveryClock clock)
    : sink_(std::move(sink)),
      options_(options),
      clock_(std::move(clock)),
      random_(options.jitter_seed) {}

void Delivery::Update(std::vector<Notification> current) {
  std::set<std::string> ids;
  for (const Notification& alert : current) ids.insert(alert.id);
  Forget(ids);

  std::set<std::string> over_limit;
  for (Notification& alert : current) {
    auto found = entries_.find(alert.id);
    if (found == entries_.end()) {
      if (entries_.size() >= options_.max_alerts) {
        if (!over_limit_.contains(alert.id)) ++stats_.dropped;
        over_limit.insert(alert.id);
        continue;
      }
      found = entries_.emplace(alert.id, Entry{}).first;
      found->second.changed = ++changes_;
    }
    Entry& entry = found->second;
    const bool was_pending = entry.pending();
    entry.alert = std::move(alert);
    if (entry.pending() && !was_pending) entry.changed = ++changes_;
  }
  over_limit_ = std::move(over_limit);
  Pump();
}

void Delivery::Forget(const std::set<std::string>& current_ids) {
  std::erase_if(entries_, [&](const auto& item) {
    const bool gone = !current_ids.contains(item.first);
    if (gone && item.second.pending()) ++stats_.dropped;
    return gone;
  });
}

DeliveryStats Delivery::stats() const {
  DeliveryStats stats = stats_;
  stats.queue_length =
      static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [](const auto& e) {
        return e.second.pending() || e.second.repeat_due;
      }));
  return stats;
}

void Delivery::Pump() {
  if (in_flight_) return;
  const MonotonicTime now = clock_.monotonic_now();
  if (now < retry_at_) return WakeAt(retry_at_);
  if (sink_->wants_repeats() && now >= repeat_at_) MarkRepeats();
  const std::vector<const Entry*> batch = NextBatch();
  wake_up_.reset();
  if (!batch.empty()) return SendBatch(batch);
  if (sink_->wants_repeats() && !entries_.empty()) WakeAt(repeat_at_);
}

void Delivery::MarkRepeats() {
  for (auto& [id, entry] : entries_) entry.repeat_due = true;
  repeat_at_ = clock_.monotonic_now() + options_.resend_interval;
}

std::vector<const Delivery::Entry*> Delivery::NextBatch() const {
  std::vector<const Entry*> batch;
  for (const auto& [id, entry] : entries_) {
    if (entry.pending() || entry.repeat_due) batch.push_back(&entry);
  }
  const auto urgency = [](const Entry* entry) {
    return std::pair(!entry->pending(), entry->changed);
  };
  std::sort(batch.begin(), batch.end(),
            [&](const Entry* a, const Entry* b) { return urgency(a) < urgency(b); });
  batch.resize(std::min(batch.size(), options_.max_batch));
  return batch;
}

void Delivery::SendBatch(const std::vector<const Entry*>& batch) {
  std::vector<Notification> alerts;
  std::vector<Sent> sent;
  for (const Entry* entry : batch) {
    alerts.push_back(entry->alert);
    sent.push_back({entry->alert.id, entry->phase()});
  }
  in_flight_ = true;
  if (stats_.circuit == Circuit::kOpen) stats_.circuit = Circuit::kHalfOpen;
  sink_->Send(std::move(alerts), [this, alive = std::weak_ptr<void>(alive_), sent = std::move(sent),
                                  started = clock_.monotonic_now()](const Result<void>& result) {
    if (!alive.expired()) OnDone(sent, started, result);
  });
}

void Delivery::OnDone(const std::vector<Sent>& batch, MonotonicTime started,
                      const Result<void>& result) {
  const MonotonicTime now = clock_.monotonic_now();
  in_flight_ = false;
  stats_.last_latency = now - started;
  if (result) {
    stats_.sent += batch.size();
    stats_.last_success = clock_.wall_now();
    stats_.consecutive_failures = 0;
  } else {
    stats_.failed += batch.size();
    stats_.last_error = result.error().message;
    ++stats_.consecutive_failures;
  }
  // A receiver that refuses a batch for good has at least been reached, and would refuse it again.
  const bool settled = result || !result.error().retryable;
  for (const Sent& sent : batch) {
    const auto found = entries_.find(sent.id);
    if (found != entries_.end()) Settle(found->second, sent.phase, settled);
  }
  if (settled) {
    unreachable_ = 0;
    stats_.circuit = Circuit::kClosed;
  } else {
    ++unreachable_;
    retry_at_ = now + Backoff();
    const bool open = unreachable_ >= static_cast<std::uint64_t>(options_.open_circuit_after);
    stats_.circuit = open ? Circuit::kOpen : Circuit::kClosed;
  }
  Pump();
}

void Delivery::Settle(Entry& entry, const Phase& sent, bool settled) {
  if (settled) {
    entry.delivered = sent;
    entry.repeat_due = false;
  } else if (entry.delivered != sent) {
    // A change that failed may have arrived all the same: what the receiver believes is unknown.
    entry.delivered = std::nullopt;
  }
}

// Doubles up to the maximum; then half of it is left to chance, so that many senders that lost a
// receiver together do not come back together.
Duration Delivery::Backoff() {
  Duration delay = options_.backoff_min;
  for (std::uint64_t i = 1; i < unreachable_ && delay < options_.backoff_max; ++i) delay *= 2;
  delay = std::min(delay, options_.backoff_max);
  random_ += 0x9e3779b97f4a7c15ULL;
  const auto half = static_cast<std::uint64_t>(delay.count()) / 2;
  return delay - Duration(static_cast<Duration::rep>(half == 0 ? 0 : Mix64(random_) % half));
}

void Delivery::WakeAt(MonotonicTime time) {
  wake_up_ = clock_.after(time - clock_.monotonic_now(), [this] { Pump(); });
}

}  // namespace guardwatch
