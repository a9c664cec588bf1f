#include "agent/cli/run_command.h"

#include <signal.h>

#include <utility>

#include "agent/cli/agent.h"
#include "port/event_loop.h"
#include "port/service_manager.h"
#include "port/signals.h"

namespace picket {

Status RunAgent(std::shared_ptr<const LoadedConfig> config, const RunOptions& options, const Clock& clock,
                Entropy& entropy, Logger& logger) {
  auto loop = EventLoop::Create(clock);
  if (!loop) return std::unexpected(std::move(loop).error());
  ServiceManager manager(ReadServiceEnvironment(), logger);
  Agent agent(std::move(config), options, **loop, manager, clock, entropy, logger);
  auto signals = SignalWatch::Create(**loop, [&](int number) {
    if (number == SIGHUP) {
      logger.Info("config", "SIGHUP: reading the configuration");
      agent.Reload([](const ReloadReport&) {});  // the log has it all
      return;
    }
    logger.Info("config", "%s: stopping", number == SIGINT ? "SIGINT" : "SIGTERM");
    (*loop)->Stop();
  });
  if (!signals) return std::unexpected(std::move(signals).error());

  (*loop)->AddTimer(clock.Boot(), [&agent] { agent.StartWhenReady(); });
  (*loop)->Run();
  manager.Stopping();
  return agent.Stop();
}

}  // namespace picket
