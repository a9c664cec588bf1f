// The agent's configuration from file, environment and flags.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "port/error.h"
#include "settings/diagnostics.h"
#include "settings/settings.h"

namespace picket {

// Checks whose libraries belong to other stages. All must be set. An error's message goes on after the name
// of the key: "has no host". It must not repeat a URL's password.
struct Validators {
  std::function<Status(const std::string& url)> url;
  std::function<Expected<std::string>(const std::string& url)> url_host;  // of a valid URL
  std::function<Status(const std::string& pattern)> regex;
  std::function<Status(const std::string& address)> listen;
};

struct LoadedConfig {
  AgentConfig config;
  Settings settings;  // the values with their origins, for PrintAgentConfig
};

// Reads and checks everything. `require_kafka`: false lets kafka.brokers be missing (run --stdout,
// print-config). kConfig: the message has a line "FILE:LINE:COL: error: ..." for each error (the first 20);
// *diagnostics holds the same, and warnings, which are to be logged, in both cases.
Expected<LoadedConfig> LoadAgentConfig(const SettingsSources& sources, bool require_kafka,
                                       const Validators& validators, Diagnostics* diagnostics);

// The part of LoadAgentConfig behind the sites: `settings` by AgentKeys() as plain data, checked into
// *diagnostics.
AgentConfig ReadAgentConfig(const Settings& settings, std::vector<SitePtr> sites, bool require_kafka,
                            const Validators& validators, Diagnostics* diagnostics);

// Where the control socket is by control.socket and buffer.path, also in settings that are wrong elsewhere;
// empty: off. kConfig, without a place, when the path is longer than a socket's may be.
Expected<std::string> ControlSocketOf(const Settings& settings);

// What print-config prints: a picket.yaml of the same meaning, secrets redacted, with a comment behind each
// value that is no default that says where it comes from.
std::string PrintAgentConfig(const LoadedConfig& loaded);

}  // namespace picket
