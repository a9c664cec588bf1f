#include "agent/cli/config_sources.h"

#include <string.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "agent/check/regex.h"
#include "agent/config/agent_keys.h"
#include "agent/probe/url.h"
#include "agent/serve/listen_address.h"
#include "port/clock.h"
#include "port/files.h"
#include "port/log.h"
#include "record/log_line.h"

namespace picket {
namespace {

SettingsSources Sources(const Options& options) {
  SettingsSources sources;
  sources.config_path = options.config_path.value_or(kDefaultConfigPath);
  sources.config_must_exist = options.config_path.has_value();
  sources.env_file = options.env_file.value_or("");
  sources.environment = ReadProcessEnvironment(environ);
  if (options.log_level) sources.flags.push_back({"log.level", *options.log_level, "--log-level"});
  if (options.log_format) sources.flags.push_back({"log.format", *options.log_format, "--log-format"});
  return sources;
}

const Validators& TheValidators() {
  static const Validators validators{.url = ValidateUrl,
                                     .url_host = UrlHost,
                                     .regex = ValidateRegex,
                                     .listen = ValidateListenAddress};
  return validators;
}

bool NeedsKafka(const Options& options) {
  return options.command != Options::Command::kPrintConfig && !options.to_stdout;
}

}  // namespace

Expected<LoadedConfig> LoadFromOptions(const Options& options, Diagnostics* diagnostics) {
  return LoadAgentConfig(Sources(options), NeedsKafka(options), TheValidators(), diagnostics);
}

Expected<LoadedConfig> LoadFromOptions(const Options& options) {
  Diagnostics diagnostics;
  auto loaded = LoadFromOptions(options, &diagnostics);
  const bool json = loaded && loaded->config.log_format == LogFormat::kJson;
  StderrLogger logger(SystemClock(), LogLevel::kWarning, JsonLogLine);
  for (const Diagnostic& item : diagnostics.Items()) {
    if (item.severity != Severity::kWarning) continue;
    if (json) {
      logger.Write(LogLevel::kWarning, "config", item.ToString());
    } else {
      fprintf(stderr, "%s\n", item.ToString().c_str());
    }
  }
  return loaded;
}

Expected<MergedConfig> ReloadFromOptions(const Options& options, const LoadedConfig& running,
                                         std::vector<std::string>* warnings) {
  Diagnostics diagnostics;
  auto loaded = LoadFromOptions(options, &diagnostics);
  for (const Diagnostic& item : diagnostics.Items()) {
    if (item.severity == Severity::kWarning) warnings->push_back(item.ToString());
  }
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return MergeConfig(running, *std::move(loaded), NeedsKafka(options), TheValidators());
}

Expected<ControlTarget> ControlTargetFromOptions(const Options& options) {
  if (options.socket) return ControlTarget{.socket = *options.socket, .buffer_path = {}};
  Diagnostics diagnostics;
  const Settings settings = LoadSettings(AgentKeys(), Sources(options), &diagnostics);
  if (settings.WasRefused("control.socket") || settings.WasRefused("buffer.path")) {
    if (Status read = diagnostics.Result(); !read) return std::unexpected(std::move(read).error());
  }
  Expected<std::string> socket = ControlSocketOf(settings);
  if (!socket) return std::unexpected(std::move(socket).error());
  if (socket->empty()) {
    return Fail(ErrorCode::kUnavailable,
                "control.socket is off in this configuration: nothing can be asked of the agent; set it and restart "
                "the agent, or ask another with --config, --env-file or --socket");
  }
  return ControlTarget{.socket = *std::move(socket), .buffer_path = settings.Text("buffer.path")};
}

std::string ConfigPathInUse(const Options& options) {
  if (options.config_path) return *options.config_path;
  return access(kDefaultConfigPath, R_OK) == 0 ? kDefaultConfigPath : "";
}

std::string StateDirectory(const Options& options, const AgentConfig& config) {
  // systemd.exec(5): the folder a service owns. Its configuration is root's, and nothing can be written
  // beside it.
  if (const char* folders = getenv("STATE_DIRECTORY"); folders != nullptr && folders[0] == '/') {
    return std::string(folders, strcspn(folders, ":"));
  }
  const std::string path = ConfigPathInUse(options);
  return DirectoryOf(path.empty() ? config.buffer.path : path);
}

}  // namespace picket
