#include "agent/config/load.h"

#include <cstdlib>
#include <utility>

#include "agent/config/agent_keys.h"
#include "agent/config/sites.h"
#include "record/envelope.h"
#include "settings/kafka_keys.h"
#include "settings/proxy_variables.h"
#include "settings/reference.h"
#include "settings/values.h"

namespace picket {
namespace {

BufferConfig ReadBuffer(const Settings& settings) {
  BufferConfig buffer;
  buffer.path = settings.Text("buffer.path");
  buffer.mode = settings.Text("buffer.mode") == "always" ? BufferMode::kAlways : BufferMode::kOffline;
  buffer.spill_after = settings.Duration("buffer.spill_after");
  buffer.commit_interval = settings.Duration("buffer.commit_interval");
  buffer.max_bytes = static_cast<uint64_t>(settings.Integer("buffer.max_bytes"));
  buffer.window_records = static_cast<uint32_t>(settings.Integer("buffer.window"));
  buffer.drain_rate = static_cast<uint32_t>(settings.Integer("buffer.drain_rate"));
  return buffer;
}

ServeConfig ReadServe(const Settings& settings, const Validators& validators, Diagnostics* diagnostics) {
  ServeConfig serve;
  serve.listen = settings.Text("serve.listen");
  // An environment variable cannot be empty and set, so there is a word as well.
  if (EqualsIgnoreCase(serve.listen, "off")) serve.listen.clear();
  if (serve.listen.empty()) return serve;
  if (const Status good = validators.listen(serve.listen); !good) {
    diagnostics->Error(settings.PlaceOf("serve.listen"), "serve.listen: '%s' %s", serve.listen.c_str(),
                       good.error().message.c_str());
  }
  return serve;
}

ControlConfig ReadControl(const Settings& settings, Diagnostics* diagnostics) {
  ControlConfig control;
  if (Expected<std::string> socket = ControlSocketOf(settings)) {
    control.socket = *std::move(socket);
  } else if (settings.IsSet("control.socket")) {
    diagnostics->Error(settings.PlaceOf("control.socket"), "%s", socket.error().message.c_str());
  } else {
    // Only the buffer's path is the user's; without the socket all but the commands that need it works.
    diagnostics->Warning(settings.PlaceOf("buffer.path"), "%s; none is made",
                         socket.error().message.c_str());
  }
  return control;
}

std::string ReadAgent(const Settings& settings, Diagnostics* diagnostics) {
  const std::string& agent = settings.Text("agent");
  if (!agent.empty() && !IsAgentId(agent)) {
    diagnostics->Error(settings.PlaceOf("agent"),
                       "agent: must have 1 to 128 bytes without control characters");
  }
  return agent;
}

SandboxMode ReadSeccomp(const Settings& settings) {
  const std::string& mode = settings.Text("sandbox.seccomp");
  if (mode == "off") return SandboxMode::kOff;
  return mode == "kill" ? SandboxMode::kKill : SandboxMode::kOn;
}

LogLevel ReadLogLevel(const Settings& settings) {
  LogLevel level = LogLevel::kInfo;
  if (!ParseLogLevel(settings.Text("log.level"), &level))
    std::abort();  // the table has the names of LogLevel
  return level;
}

void AppendSite(const Site& site, std::string* out) {
  out->append("  - name: ").append(YamlScalar(site.name)).append("\n");
  out->append("    url: ").append(YamlScalar(site.url)).append("\n");
  if (site.regex) out->append("    regex: ").append(YamlScalar(*site.regex)).append("\n");
  out->append("    interval: ").append(FormatDuration(site.interval)).append("\n");
  out->append("    timeout: ").append(FormatDuration(site.timeout)).append("\n");
  out->append("    max_body: ").append(FormatSize(static_cast<int64_t>(site.max_body_bytes))).append("\n");
  out->append("    max_redirects: ").append(std::to_string(site.max_redirects)).append("\n");
  if (site.proxy) out->append("    # proxy: by way of ").append(site.proxy->Endpoint()).append("\n");
}

}  // namespace

Expected<LoadedConfig> LoadAgentConfig(const SettingsSources& sources, bool require_kafka,
                                       const Validators& validators, Diagnostics* diagnostics) {
  LoadedConfig loaded{.config = {}, .settings = LoadSettings(AgentKeys(), sources, diagnostics)};
  WarnOfProxyVariables(loaded.settings.Variables(), "kafka.proxy, and for sites defaults.proxy", diagnostics);
  std::vector<SitePtr> sites = ReadSites(loaded.settings, *sources.files, validators, diagnostics);
  loaded.config = ReadAgentConfig(loaded.settings, std::move(sites), require_kafka, validators, diagnostics);
  if (Status good = diagnostics->Result(); !good) return std::unexpected(std::move(good).error());
  return loaded;
}

AgentConfig ReadAgentConfig(const Settings& settings, std::vector<SitePtr> sites, bool require_kafka,
                            const Validators& validators, Diagnostics* diagnostics) {
  AgentConfig config;
  config.agent = ReadAgent(settings, diagnostics);
  config.sites = std::move(sites);
  config.site_ca_file = settings.Text("defaults.ca_file");
  config.kafka = ReadKafkaSettings(settings, require_kafka, diagnostics);
  config.buffer = ReadBuffer(settings);
  config.serve = ReadServe(settings, validators, diagnostics);
  config.control = ReadControl(settings, diagnostics);
  config.seccomp = ReadSeccomp(settings);
  config.log_level = ReadLogLevel(settings);
  config.log_format = settings.Text("log.format") == "json" ? LogFormat::kJson : LogFormat::kText;
  return config;
}

Expected<std::string> ControlSocketOf(const Settings& settings) {
  std::string path = settings.Text("control.socket");
  if (EqualsIgnoreCase(path, "off")) return std::string();
  const bool chosen = !path.empty();
  if (!chosen) path = settings.Text("buffer.path") + ".sock";
  if (path.size() <= kMaxSocketPathBytes) return path;
  return Fail(ErrorCode::kConfig, "control.socket: %s'%s' is longer than the %zu bytes a socket's path may have",
              chosen ? "" : "the default ", path.c_str(), kMaxSocketPathBytes);
}

std::string PrintAgentConfig(const LoadedConfig& loaded) {
  return PrintSettings(loaded.settings, [&](const Key& key, std::string* out) {
    out->append(key.name).append(":  # ").append(loaded.settings.PlaceOf(key.name).ToString()).append("\n");
    for (const SitePtr& site : loaded.config.sites) AppendSite(*site, out);
  });
}

}  // namespace picket
