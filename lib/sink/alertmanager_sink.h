#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/http_client.h"
#include "net/io_loop.h"
#include "net/url.h"
#include "sink/options.h"
#include "sink/sink.h"

namespace guardwatch {

// One peer of an Alertmanager cluster (API v2, at-least-once; the peers remove duplicates).
class AlertmanagerSink : public AlertSink {
 public:
  using WallClockReader = std::function<WallTime()>;

  // `peer` is the base URL, to which /api/v2/alerts is added.
  AlertmanagerSink(IoLoop& loop, AlertmanagerOptions options, Url peer, WallClockReader now);

  const std::string& name() const override { return name_; }
  bool wants_repeats() const override { return true; }

  // Refused as malformed (400, 413, 422) is final. Everything else may pass: the network, the load,
  // or a password that is being renewed. A batch that is too large for the receiver, or for a proxy
  // before it (413), goes in parts, and so do those after it.
  void Send(std::vector<Notification> batch, std::function<void(Result<void>)> done) override;

 private:
  // A batch under way, in parts of at most max_part_ alerts, one after the other.
  struct Job;
  void SendPart(const std::shared_ptr<Job>& job);
  void OnReply(const std::shared_ptr<Job>& job, std::size_t part, const Result<HttpReply>& reply);

  // Read anew each time, so that renewed secrets need no restart.
  Result<HttpHeaders> Headers() const;

  IoLoop& loop_;
  AlertmanagerOptions options_;
  std::string url_;
  std::string name_;
  WallClockReader now_;
  std::size_t max_part_ = std::numeric_limits<std::size_t>::max();
  HttpClient client_;  // Abandons calls under way when it goes, so none finds the others gone.
};

// One sink per URL of `options`. Fails on a malformed URL, naming it by position, and on two ways
// of authentication at once.
Result<std::vector<std::unique_ptr<AlertSink>>> MakeAlertmanagerSinks(
    IoLoop& loop, const AlertmanagerOptions& options);

}  // namespace guardwatch
