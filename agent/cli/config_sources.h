// The configuration as the command line points to it.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/options.h"
#include "agent/config/load.h"
#include "agent/config/reload.h"
#include "port/error.h"

namespace picket {

// Loads what run, check-config and print-config work with. Warnings go to stderr, a line each; errors come
// back as one kConfig error with a line each.
Expected<LoadedConfig> LoadFromOptions(const Options& options);
// The same for doctor, with errors and warnings in *diagnostics and nothing printed.
Expected<LoadedConfig> LoadFromOptions(const Options& options, Diagnostics* diagnostics);

// Loads it again while the agent runs with `running`, on any thread. *warnings gets a line each. kConfig: as
// above.
Expected<MergedConfig> ReloadFromOptions(const Options& options, const LoadedConfig& running,
                                         std::vector<std::string>* warnings);

// Where to find the agent of this configuration.
struct ControlTarget {
  std::string socket;
  std::string buffer_path;  // empty: only the socket is known
};

// --socket, else by the configuration, as far as it can be read: it may be the one that the agent is to
// refuse. kConfig: it cannot, with a line for each error; kUnavailable: control.socket is off.
Expected<ControlTarget> ControlTargetFromOptions(const Options& options);

// The configuration file that is read; empty: none, the environment alone.
std::string ConfigPathInUse(const Options& options);

// Where the agent keeps its id: the folder that systemd gives the service ($STATE_DIRECTORY), else that of
// the configuration file in use, else that of the buffer.
std::string StateDirectory(const Options& options, const AgentConfig& config);

}  // namespace picket
