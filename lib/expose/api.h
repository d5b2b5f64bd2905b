#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expose/answer_cache.h"
#include "expose/self_metrics.h"
#include "monitor/history.h"
#include "monitor/snapshot.h"
#include "net/url.h"

namespace guardwatch {

// What the HTTP side asks of the rest of the process. Everything is called on the I/O thread and
// must not block it; answers must be given there too, at once or later.
struct ApiBackend {
  std::function<std::shared_ptr<const Snapshot>()> snapshot;  // Never null.
  std::function<void(WindowQuery, std::function<void(std::vector<SeriesWindow>)>)> ask_windows;
  std::function<void(HistoryQuery, std::function<void(std::vector<SeriesHistory>)>)> ask_history;
  std::function<SelfMetrics()> self;
  std::function<std::string()> config_json;  // The configuration in force, secrets redacted.
  std::function<void(std::function<void(Result<void>)>)> reload;
};

struct ApiAnswer {
  int status = 200;
  std::string json;
};
using AnswerApi = std::function<void(ApiAnswer)>;

inline constexpr std::string_view kApiPrefix = "/api/v1/";

// The read-only JSON API. Lives on the I/O thread and must outlive the answers it gives.
class Api {
 public:
  explicit Api(const ApiBackend& backend) : backend_(backend) {}

  // Answers GET `endpoint`, the path after kApiPrefix. Calls `answer` exactly once.
  void Handle(std::string_view endpoint, const QueryParameters& parameters, AnswerApi answer);

 private:
  const ApiBackend& backend_;
  AnswerCache answers_;
};

}  // namespace guardwatch
