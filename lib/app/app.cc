#include "app/app.h"

#include <algorithm>
#include <fstream>
#include <unistd.h>
#include <utility>

#include "app/listen_address.h"
#include "app/version.h"
#include "base/duration.h"
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
  config.storage.path.clear();  // A flag may have set it.
  return RedactedJson(config);
}

bool SameBaselines(const DriftOptions& a, const DriftOptions& b) {
  if (!a.given || !b.given) return !a.given && !b.given;
  return std::equal(a.given->begin(), a.given->end(), b.given->begin(), b.given->end(),
                    [](const BaselineSet& x, const BaselineSet& y) {
                      return x.unit == y.unit && x.variant == y.variant &&
                             x.model_version == y.model_version && x.Digest() == y.Digest();
                    });
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

Result<StartingPoint> App::OpenState() {
  if (!options_.storage_path.empty()) config_.storage.path = options_.storage_path;
  const std::string& path = config_.storage.path;
  const bool durable = !path.empty();
  config_.monitor.durable = durable;
  for (SourceConfig& source : config_.sources) source.ingest.durable = durable;
  if (!durable) {
    log_.Warn("state",
              "no storage.path: a restart begins anew, and reads back as far as configured");
    return StartFresh(config_);
  }
  auto store = StateStore::Open(path);
  if (!store) return tl::unexpected(store.error());
  store_ = *std::move(store);
  const MonotonicTime before = MonotonicNow();
  auto start = Restore(config_, *store_);
  if (!start) return start;
  if (start->fresh) {
    log_.Info("state", "starts anew", {{"path", path}});
  } else {
    log_.Info("state", "goes on from the last checkpoint",
              {{"path", path},
               {"pending", std::to_string(start->pending)},
               {"loaded_in", FormatDuration(MonotonicNow() - before)}});
  }
  checkpointer_ = std::make_unique<Checkpointer>(*store_, log_);
  return start;
}

MonitorThread::Options App::MonitorOptionsFor(const StartingPoint& start) {
  MonitorThread::Options monitor;
  monitor.interval = config_.flush_interval;
  monitor.checkpointer = checkpointer_.get();
  if (checkpointer_) monitor.preamble = Preamble(config_, start.seed);
  for (const SourceConfig& source : config_.sources) monitor.sources.push_back(source.ingest.name);
  monitor.checkpoint_interval = config_.storage.checkpoint_interval;
  monitor.max_checkpoint_age = config_.storage.max_checkpoint_age;
  monitor.on_durable = [this](std::shared_ptr<const Snapshot> snapshot) {
    Tell(std::move(snapshot));
  };
  return monitor;
}

tl::expected<void, StartFailure> App::Start() {
  using What = StartFailure::What;
  const auto fail = [](What what, const std::string& message) {
    return tl::unexpected(StartFailure{what, message});
  };
  auto notifier = Notifier::Create(loop_, config_, log_);
  if (!notifier) return fail(What::kConfig, notifier.error().message);
  notifier_ = *std::move(notifier);

  const std::string address =
      options_.listen_address.empty() ? config_.web.listen_address : options_.listen_address;
  auto listen = ParseListenAddress(address);
  if (!listen) return fail(What::kConfig, listen.error().message);
  routes_ = std::make_unique<HttpRoutes>(Backend());
  HttpServerOptions server;
  server.address = listen->host;
  server.port = listen->port;
  server_ = std::make_unique<HttpServer>(loop_, server,
                                         [this](const HttpRequest& request, Respond respond) {
                                           routes_->Handle(request, std::move(respond));
                                         });
  auto start = OpenState();
  if (!start) return fail(What::kState, start.error().message);
  if (!start->fresh) notifier_->GoOnFrom(*start->monitor->TakeSnapshot({Now(), MonotonicNow()}));
  MonitorThread::Options monitor = MonitorOptionsFor(*start);
  pipeline_ = std::make_unique<Pipeline>(config_, *std::move(start), config_.flush_interval,
                                         std::move(monitor), log_);
  auto port = server_->Listen();
  if (!port) return fail(What::kPort, port.error().message);
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

// Receivers are told only of what a restart would know as well.
void App::Tell(std::shared_ptr<const Snapshot> snapshot) {
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
  if (!SameBaselines(loaded.config->monitor.drift, config_.monitor.drift)) {
    const std::string why = "reload refused: the baselines in " + config_.monitor.drift.given_from +
                            " have changed; restart to take them";
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
  self.queues.push_back({"monitor_changes", static_cast<std::int64_t>(pipeline_->queued_changes()),
                         static_cast<std::int64_t>(MonitorThread::kMostQueuedChanges)});
  self.ready = !stopping_;
  if (stopping_) self.not_ready_reason = "stopping";
  if (self.ready && pipeline_->paused()) {
    self.ready = false;
    self.not_ready_reason = "state cannot be written, so reading has stopped";
  }
  if (checkpointer_) {
    const CheckpointStatus status = checkpointer_->status();
    CheckpointMetrics& checkpoint = self.checkpoint.emplace();
    checkpoint.path = store_->directory();
    checkpoint.age = MonotonicNow() - status.last_success;
    checkpoint.duration = status.last_duration;
    checkpoint.bytes = status.last_bytes;
    checkpoint.written = status.written;
    checkpoint.failed = status.failed;
    checkpoint.last_error = status.last_error;
  }
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
