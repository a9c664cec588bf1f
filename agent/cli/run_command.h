// picket run: the stages put together, until a signal says stop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/load.h"
#include "agent/config/reload.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

struct RunOptions {
  std::string version;          // "0.1.0"
  std::string state_directory;  // where the agent's id is kept: beside the configuration
  std::string config_path;      // of the file in use, for `picket status`; empty: the environment alone
  bool to_stdout = false;
  // Reads the configuration again, from where the running one came; warnings get a line each. Called on a
  // thread of its own: a copy of it owns all that it uses.
  std::function<Expected<MergedConfig>(const LoadedConfig& running, std::vector<std::string>* warnings)>
      reload;
  std::function<void(LogLevel)> set_log_level;
};

// Probes until SIGTERM or SIGINT; SIGHUP reads the configuration again. Everything a record needs is on disk
// or acknowledged when it returns. An error is one that keeps the agent from starting. Call it before any
// thread is started: it blocks signals.
Status RunAgent(std::shared_ptr<const LoadedConfig> config, const RunOptions& options, const Clock& clock,
                Entropy& entropy, Logger& logger);

}  // namespace picket
