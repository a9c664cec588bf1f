// The configuration as the command line points to it.
#pragma once

#include <string>

#include "agent/cli/options.h"
#include "agent/config/load.h"
#include "port/error.h"

namespace picket {

// Loads what run, check-config and print-config work with. Warnings go to stderr, a line each; errors come back as one
// kConfig error with a line each.
Expected<LoadedConfig> LoadFromOptions(const Options& options);
// The same for doctor, with errors and warnings in *diagnostics and nothing printed.
Expected<LoadedConfig> LoadFromOptions(const Options& options, Diagnostics* diagnostics);

// Where the agent keeps its id: the folder that systemd gives the service ($STATE_DIRECTORY), else that of the configuration
// file in use, else that of the buffer.
std::string StateDirectory(const Options& options, const AgentConfig& config);

}  // namespace picket
