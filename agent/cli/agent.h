// The running agent: the loop thread's stages, and what connects them to the keeper, the control socket and
// the service manager.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/cli/run_command.h"
#include "agent/control/heartbeat.h"
#include "agent/control/reloader.h"
#include "agent/control/server.h"
#include "agent/control/site_board.h"
#include "agent/control/status.h"
#include "agent/keeper/keeper.h"
#include "agent/probe/prober.h"
#include "agent/schedule/scheduler.h"
#include "agent/serve/http_server.h"
#include "port/event_loop.h"
#include "port/service_manager.h"

namespace picket {

// On the loop's thread, all of it.
class Agent {
 public:
  // All but `config` must outlive it.
  Agent(std::shared_ptr<const LoadedConfig> config, const RunOptions& options, EventLoop& loop,
        ServiceManager& manager, const Clock& clock, Entropy& entropy, Logger& logger);

  // Starts as soon as the kernel has entropy: without it there is no epoch and no TLS, and early in the boot
  // of a router that takes a while. The loop runs meanwhile, so that a signal is heard. An error stops the
  // loop.
  void StartWhenReady();

  // Reads the configuration anew.
  void Reload(Reloader::Done done);

  // In the order data flows: nothing new is started, what is under way is given up, the keeper saves.
  // Returns what went wrong at the start, else at the end.
  Status Stop();

 private:
  Status Start();
  Expected<std::string> ResolveId();
  Status StartKeeper();
  Status StartServers();
  void EnterSandbox();
  void StartReloader();

  bool StartProbe(const SitePtr& site);
  void CountSkipped(uint64_t turns);

  void Apply(PreparedReload prepared, std::function<void(Status)> done);
  void Swap(PreparedReload prepared);

  HttpResponse Serve(std::string_view path);
  void Control(std::string_view request, ControlServer::Reply reply);
  std::string StatusReplyNow() const;
  BufferStatus BufferNow() const;
  std::string StatusLineNow() const;

  const std::shared_ptr<const LoadedConfig> first_config_;
  const RunOptions& options_;
  EventLoop& loop_;
  ServiceManager& manager_;
  const Clock& clock_;
  Entropy& entropy_;
  Logger& logger_;
  const WallTime started_wall_;
  const BootTime started_boot_;
  std::string id_;
  bool waiting_ = false;
  uint64_t skipped_ = 0;  // probes due and not started
  Status started_;
  SiteBoard board_;
  // Each uses those above it.
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Prober> prober_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace picket
