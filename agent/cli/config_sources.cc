#include "agent/cli/config_sources.h"

#include <string.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "agent/check/regex.h"
#include "agent/probe/url.h"
#include "agent/serve/listen_address.h"
#include "port/files.h"

namespace picket {
namespace {

SettingsSources Sources(const Options& options) {
  SettingsSources sources;
  sources.config_path = options.config_path.value_or(kDefaultConfigPath);
  sources.config_must_exist = options.config_path.has_value();
  sources.env_file = options.env_file.value_or("");
  sources.environment = ReadProcessEnvironment(environ);
  if (options.log_level) sources.flags.push_back({"log.level", *options.log_level, "--log-level"});
  return sources;
}

bool NeedsKafka(const Options& options) {
  return options.command != Options::Command::kPrintConfig && !options.to_stdout;
}

}  // namespace

Expected<LoadedConfig> LoadFromOptions(const Options& options, Diagnostics* diagnostics) {
  const Validators validators{.url = ValidateUrl,
                              .url_host = UrlHost,
                              .regex = ValidateRegex,
                              .listen = ValidateListenAddress};
  return LoadAgentConfig(Sources(options), NeedsKafka(options), validators, diagnostics);
}

Expected<LoadedConfig> LoadFromOptions(const Options& options) {
  Diagnostics diagnostics;
  auto loaded = LoadFromOptions(options, &diagnostics);
  for (const Diagnostic& item : diagnostics.Items()) {
    if (item.severity == Severity::kWarning) fprintf(stderr, "%s\n", item.ToString().c_str());
  }
  return loaded;
}

std::string StateDirectory(const Options& options, const AgentConfig& config) {
  // systemd.exec(5): the folder a service owns. Its configuration is root's, and nothing can be written beside it.
  if (const char* folders = getenv("STATE_DIRECTORY"); folders != nullptr && folders[0] == '/') {
    return std::string(folders, strcspn(folders, ":"));
  }
  if (options.config_path) return DirectoryOf(*options.config_path);
  if (access(kDefaultConfigPath, R_OK) == 0) return DirectoryOf(kDefaultConfigPath);
  return DirectoryOf(config.buffer.path);
}

}  // namespace picket
