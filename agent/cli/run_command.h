// picket run: the stages put together, until a signal says stop.
#pragma once

#include <string>

#include "agent/config/config.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

struct RunOptions {
  std::string version;          // "0.1.0"
  std::string state_directory;  // where the agent's id is kept: beside the configuration
  bool to_stdout = false;
};

// Probes until SIGTERM or SIGINT; everything a record needs is on disk or acknowledged when it returns.
// An error is one that keeps the agent from starting. Call it before any thread is started: it blocks signals.
Status RunAgent(const AgentConfig& config, const RunOptions& options, const Clock& clock, Entropy& entropy,
                Logger& logger);

}  // namespace picket
