// Stages of the way out: the page for Prometheus, the JSON for the page.

#include <algorithm>
#include <string>

#include "expose/json_api.h"
#include "expose/prometheus_exporter.h"
#include "monitored.h"
#include "stage.h"

namespace guardwatch::bench {
namespace {

constexpr std::int64_t kUnits = 16;  // Of Monitored.

std::int64_t CountOf(const std::string& text, std::string_view what) {
  std::int64_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

class ExposeStage : public Stage {
 protected:
  ExposeStage() {
    monitored_.Warm();
    snapshot_ = monitored_.monitor().TakeSnapshot(monitored_.tick());
  }

  Monitored monitored_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::string text_;
};

class MetricsStage final : public ExposeStage {
 public:
  std::int64_t Run() override {
    text_ = exporter_.Render(*snapshot_, {});
    return std::count(text_.begin(), text_.end(), '\n') - CountOf(text_, "\n# ");
  }

  std::string Check() override {
    return Compare("windows of five minutes", kUnits,
                   CountOf(text_, "guardwatch_window_scored_events{") / 3);
  }

 private:
  PrometheusExporter exporter_;
};

class GuardrailsStage final : public ExposeStage {
 public:
  std::int64_t Run() override {
    text_ = GuardrailsJson(*snapshot_, {});
    return 1;
  }

  std::string Check() override {
    return Compare("guardrails", kUnits, CountOf(text_, "\"model_versions\":"));
  }
};

class CohortsStage final : public ExposeStage {
 public:
  std::int64_t Run() override {
    WindowQuery query;
    query.window = std::chrono::hours(1);
    query.view = WindowViewKind::kCurrent;
    query.series.guardrail = "prompt-injection-0";
    query.series.category = "jailbreak";
    text_ = CohortsJson(SelectWindows(*snapshot_, query), "lang", {});
    return 1;
  }

  std::string Check() override { return Compare("cohorts", 40, CountOf(text_, "\"value\":\"la")); }
};

}  // namespace

std::vector<StageEntry> ExposeStages() {
  return {
      {"metrics", "sample", [] { return std::make_unique<MetricsStage>(); }},
      {"api_guardrails", "answer", [] { return std::make_unique<GuardrailsStage>(); }},
      {"api_cohorts", "answer", [] { return std::make_unique<CohortsStage>(); }},
  };
}

}  // namespace guardwatch::bench
