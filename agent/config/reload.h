// What a configuration that was read anew changes in the one that is running.
#pragma once

#include <string>
#include <vector>

#include "agent/config/load.h"
#include "port/error.h"

namespace picket {

struct ConfigChanges {
  std::vector<std::string> applied;  // keys marked Reload::kHot with another value; without "sites"
  std::vector<std::string> restart;  // keys marked Reload::kRestart with another value: the old one stays
  std::vector<std::string> sites_added, sites_changed, sites_removed;  // names
  bool kafka = false;                // one of `applied` begins with "kafka."

  bool Sites() const { return !sites_added.empty() || !sites_changed.empty() || !sites_removed.empty(); }
  bool Empty() const { return applied.empty() && restart.empty() && !Sites(); }
};

struct MergedConfig {
  LoadedConfig config;  // what is to run now: `fresh`, less the changes that need a restart
  ConfigChanges changes;
};

// Both were loaded without errors. Sites are told apart by their names; one that is the same in both stays
// the same object. kConfig: the new values only go together with those that need a restart.
Expected<MergedConfig> MergeConfig(const LoadedConfig& running, LoadedConfig fresh, bool require_kafka,
                                   const Validators& validators);

}  // namespace picket
