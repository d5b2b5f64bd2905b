#include "app/app.h"

#include <fstream>
#include <unistd.h>
#include <utility>

#include "app/listen_address.h"
#include "app/version.h"
#include "base/hash.h"
#include "kafka/defects.h"
#include "net/clock.h"

namespace guardwatch {
namespace {

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  statm >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::string HashOf(const Config& config) { return std::to_string(Fnv1a64(RedactedJson(config))); }

// The configuration without what a reload can change.
std::string FixedPart(Config config) {
  config.monitor.rules.clear();
  config.receivers.clear();
  return RedactedJson(config);
}

bool ReadsKafka(const Config& config) {
  for (const SourceConfig& source : config.sources) {
    if (source.kafka) return true;
  }
  return false;
}

}  // namespace

App::App(AppOptions options, Config config, Logger& log)
    : options_(std::move(options)),
      config_(std::move(config)),
      log_(log),
      started_at_(Now()),
      loaded_at_(started_at_),
      config_hash_(HashOf(config_)) {}

App::~App() {
  if (stopper_.joinable()) stopper_.join();
}

Result<void> App::Start() {
  auto notifier = Notifier::Create(loop_, config_, log_);
  if (!notifier) return tl::unexpected(notifier.error());
  notifier_ = *std::move(notifier);

  const std::string address =
      options_.listen_address.empty() ? config_.web.listen_address : options_.listen_address;
  auto listen = ParseListenAddress(address);
  if (!listen) return tl::unexpected(listen.error());
  routes_ = std::make_unique<HttpRoutes>(Backend());
  HttpServerOptions server;
  server.address = listen->host;
  server.port = listen->port;
  server_ = std::make_unique<HttpServer>(loop_, server,
                                         [this](const HttpRequest& request, Respond respond) {
                                           routes_->Handle(request, std::move(respond));
                                         });
  pipeline_ = std::make_unique<Pipeline>(
      config_, config_.flush_interval, log_,
      [this](std::shared_ptr<const Snapshot> snapshot) { OnSnapshot(std::move(snapshot)); });
  auto port = server_->Listen();
  if (!port) return tl::unexpected(port.error());
  port_ = *port;
  if (ReadsKafka(config_)) {
    for (const std::string& defect : KnownDefects(KafkaLibraryVersion())) {
      log_.Warn("kafka", defect, {{"librdkafka", KafkaLibraryVersionText()}});
    }
  }
  log_.Info("app", "serving",
            {{"url", "http://" + listen->host + ":" + std::to_string(port_)},
             {"version", std::string(Version())}});
  return {};
}

bool App::Run() {
  loop_.Run();
  if (stopper_.joinable()) stopper_.join();
  return stopped_in_time_;
}

void App::OnSnapshot(std::shared_ptr<const Snapshot> snapshot) {
  loop_.Post([this, snapshot = std::move(snapshot)] { notifier_->Update(*snapshot); });
}

void App::Stop() {
  if (stopping_) return;
  stopping_ = true;
  log_.Info("app", "stopping");
  stop_timer_ = loop_.After(options_.stop_deadline, [this] {
    log_.Error("app", "stopping took too long; giving up");
    stopped_in_time_ = false;
    loop_.Stop();
  });
  stopper_ = std::thread([this] {
    pipeline_->Stop();
    // What the last snapshot changed is on its way to the receivers when the server closes.
    loop_.Post([this] { server_->Close(std::chrono::seconds(2), [this] { loop_.Stop(); }); });
  });
}

Result<void> App::Reload() {
  const ConfigResult loaded = LoadConfigFile(options_.config_file, ProcessEnvironment());
  reload_ok_ = false;
  if (!loaded.config) {
    std::string text;
    for (const ConfigError& error : loaded.errors) text += Format(error);
    log_.Error("config", "reload refused: the file has errors", {{"errors", text}});
    return Fail(text);
  }
  if (FixedPart(*loaded.config) != FixedPart(config_)) {
    const std::string why =
        "reload refused: only alerting.rules and alerting.receivers can change while running; "
        "restart to change anything else";
    log_.Error("config", why);
    return Fail(why);
  }
  auto notifier = Notifier::Create(loop_, *loaded.config, log_);
  if (!notifier) {
    log_.Error("config", "reload refused", {{"error", notifier.error().message}});
    return tl::unexpected(notifier.error());
  }
  (*notifier)->TakeOverFrom(*notifier_);
  config_.monitor.rules = loaded.config->monitor.rules;
  config_.receivers = loaded.config->receivers;
  notifier_ = *std::move(notifier);
  pipeline_->Post([rules = config_.monitor.rules](Monitor& monitor, const Tick& tick) {
    monitor.SetRules(rules, tick);
  });
  reload_ok_ = true;
  loaded_at_ = Now();
  config_hash_ = HashOf(config_);
  log_.Info("config", "reloaded", {{"file", options_.config_file}});
  return {};
}

ApiBackend App::Backend() {
  ApiBackend backend;
  backend.snapshot = [this] { return pipeline_->snapshot(); };
  backend.ask_windows = [this](WindowQuery query, auto answer) {
    pipeline_->Post([this, query = std::move(query), answer](Monitor& monitor, const Tick&) {
      loop_.Post([answer, windows = monitor.Windows(query)] { answer(windows); });
    });
  };
  backend.ask_history = [this](HistoryQuery query, auto answer) {
    pipeline_->Post([this, query = std::move(query), answer](Monitor& monitor, const Tick&) {
      loop_.Post([answer, history = monitor.History(query)] { answer(history); });
    });
  };
  backend.self = [this] { return Self(); };
  backend.config_json = [this] { return RedactedJson(config_); };
  backend.reload = [this](auto done) { done(Reload()); };
  return backend;
}

SelfMetrics App::Self() const {
  SelfMetrics self;
  self.version = Version();
  self.revision = Revision();
  self.compiler = Compiler();
  self.started_at = started_at_;
  self.now = Now();
  self.config_hash = config_hash_;
  self.config_reload_ok = reload_ok_;
  self.config_loaded_at = loaded_at_;
  self.queues.push_back({"monitor", static_cast<std::int64_t>(pipeline_->queue_depth()),
                         static_cast<std::int64_t>(MonitorThread::kQueueCapacity)});
  self.ready = !stopping_;
  if (stopping_) self.not_ready_reason = "stopping";
  for (SourceRunnerStatus& source : pipeline_->SourceStatus()) {
    if (self.ready && !source.ready) {
      self.ready = false;
      self.not_ready_reason = source.not_ready_reason;
    }
    self.workers.insert(self.workers.end(), source.workers.begin(), source.workers.end());
    self.lags.insert(self.lags.end(), source.lags.begin(), source.lags.end());
  }
  self.receivers = notifier_->Status();
  self.resident_bytes = ResidentBytes();
  return self;
}

}  // namespace guardwatch
