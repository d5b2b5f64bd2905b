#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "app/checkpointer.h"
#include "app/logging.h"
#include "app/notifier.h"
#include "app/pipeline.h"
#include "base/result.h"
#include "config/config.h"
#include "expose/http_routes.h"
#include "net/http_server.h"
#include "net/io_loop.h"

namespace guardwatch {

struct AppOptions {
  std::string config_file;
  std::string listen_address;  // Empty: as configured.
  std::string storage_path;    // Empty: as configured.
  std::chrono::milliseconds stop_deadline = std::chrono::seconds(10);
};

// Why the daemon cannot start; what stands behind the program's exit codes.
struct StartFailure {
  enum class What { kConfig, kState, kPort };
  What what = What::kConfig;
  std::string message;
};

// The daemon: owns every thread and connects the parts. Construct, Start, Run (serves until Stop),
// all from one thread, which becomes the I/O thread.
class App {
 public:
  App(AppOptions options, Config config, Logger& log);
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  // Opens the state, binds the port and starts to read.
  tl::expected<void, StartFailure> Start();
  std::uint16_t port() const { return port_; }

  // Serves until Stop. Returns false if stopping did not end within its deadline.
  bool Run();

  // I/O thread. Not ready, stop reading, flush, tell receivers, close; then Run returns.
  void Stop();

  // I/O thread. Takes the configuration file anew. Rules and receivers change at once; an error
  // says what is wrong, or that something changed which needs a restart. Then nothing is changed.
  Result<void> Reload();

  IoLoop& loop() { return loop_; }

 private:
  ApiBackend Backend();
  SelfMetrics Self() const;
  Result<StartingPoint> OpenState();
  MonitorThread::Options MonitorOptionsFor(const StartingPoint& start);
  void Tell(std::shared_ptr<const Snapshot> snapshot);

  const AppOptions options_;
  Config config_;
  Logger& log_;
  const WallTime started_at_;

  IoLoop loop_;
  std::unique_ptr<StateStore> store_;  // Null: nothing is durable.
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<HttpRoutes> routes_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Pipeline> pipeline_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  bool stopped_in_time_ = true;
  std::thread stopper_;  // Ends the pipeline while the I/O thread goes on serving.
  Timer stop_timer_;
  bool reload_ok_ = true;
  WallTime loaded_at_;
  std::string config_hash_;
};

}  // namespace guardwatch
