// picket: chooses the command, turns its result into text and exit code.
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "agent/cli/config_sources.h"
#include "agent/cli/control_commands.h"
#include "agent/cli/exit_codes.h"
#include "agent/cli/options.h"
#include "agent/cli/probe_command.h"
#include "agent/cli/run_command.h"
#include "agent/cli/versions.h"
#include "agent/config/load.h"
#include "agent/doctor/doctor.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/log.h"
#include "port/version.h"
#include "record/log_line.h"
#include "settings/values.h"

namespace picket {
namespace {

int Report(const Error& error) {
  // Lines of a configuration say "FILE:LINE:COL: error:" themselves.
  if (error.code == ErrorCode::kConfig && error.message.find(": error: ") != std::string::npos) {
    fprintf(stderr, "%s\n", error.message.c_str());
  } else {
    fprintf(stderr, "picket: %s\n", error.message.c_str());
  }
  return ExitCodeOf(error.code);
}

int Run(const Options& options) {
  auto loaded = LoadFromOptions(options);
  if (!loaded) return Report(loaded.error());
  const auto config = std::make_shared<const LoadedConfig>(*std::move(loaded));
  StderrLogger logger(SystemClock(), config->config.log_level, LogLineOf(config->config.log_format));
  const RunOptions run_options{
      .version = kVersion,
      .state_directory = StateDirectory(options, config->config),
      .config_path = ConfigPathInUse(options),
      .to_stdout = options.to_stdout,
      .reload = [options](const LoadedConfig& running,
                          std::vector<std::string>* warnings) { return ReloadFromOptions(options, running, warnings); },
      .set_log_level = [&logger](LogLevel level) { logger.SetLevel(level); }};
  if (Status done = RunAgent(config, run_options, SystemClock(), SystemEntropy(), logger); !done) {
    logger.Error("run", "%s", done.error().message.c_str());
    return ExitCodeOf(done.error().code);
  }
  return EX_OK;
}

int CheckConfig(const Options& options) {
  auto loaded = LoadFromOptions(options);
  if (!loaded) return Report(loaded.error());
  printf("configuration ok (sites: %zu, brokers: %zu)\n", loaded->config.sites.size(),
         loaded->config.kafka.brokers.size());
  return EX_OK;
}

int PrintConfig(const Options& options) {
  auto loaded = LoadFromOptions(options);
  if (!loaded) return Report(loaded.error());
  fputs(PrintAgentConfig(*loaded).c_str(), stdout);
  return EX_OK;
}

int Doctor(const Options& options) {
  DoctorOptions doctor{.json = options.json, .probe_sites = 0, .version = kVersion};
  if (options.probe_sites) {
    const std::string& text = *options.probe_sites;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), doctor.probe_sites);
    if (error != std::errc() || *end != '\0' || doctor.probe_sites < 1 || doctor.probe_sites > 100) {
      return Report(Error{ErrorCode::kInvalidArgument, "--sites: from 1 to 100"});
    }
  }
  Diagnostics diagnostics;
  const auto loaded = LoadFromOptions(options, &diagnostics);
  return RunDoctor(loaded, diagnostics, doctor, SystemClock(), stdout);
}

Expected<ProbeCommandOptions> ProbeOptions(const Options& options) {
  ProbeCommandOptions probe;
  probe.url = options.url;
  probe.regex = options.regex;
  probe.ca_file = options.ca_file.value_or("");
  probe.json = options.json;
  probe.user_agent = std::string("picket/") + kVersion;
  if (options.timeout) {
    auto timeout = ParseDuration(*options.timeout);
    if (!timeout) {
      return Fail(ErrorCode::kInvalidArgument, "--timeout: '%s' is no duration; write 5s or 500ms",
                  options.timeout->c_str());
    }
    probe.timeout = *timeout;
  }
  return probe;
}

int Probe(const Options& options) {
  auto probe = ProbeOptions(options);
  if (!probe) return Report(probe.error());
  LogLevel level = LogLevel::kWarning;
  if (options.log_level && !ParseLogLevel(*options.log_level, &level)) {
    return Report(Error{ErrorCode::kInvalidArgument, "--log-level: error, warning, info or debug"});
  }
  StderrLogger logger(SystemClock(), level);
  auto code = RunProbeCommand(*probe, SystemClock(), logger, stdout);
  return code ? *code : Report(code.error());
}

int Ask(const Options& options) {
  auto answer = RunControlCommand(options);
  if (!answer) return Report(answer.error());
  fputs(answer->c_str(), stdout);
  return EX_OK;
}

int Main(const std::vector<std::string>& arguments) {
  auto options = ParseOptions(arguments);
  if (!options) return Report(options.error());
  switch (options->command) {
    case Options::Command::kHelp: fputs(HelpText(), stdout); return EX_OK;
    case Options::Command::kVersion: fputs(VersionText().c_str(), stdout); return EX_OK;
    case Options::Command::kRun: return Run(*options);
    case Options::Command::kProbe: return Probe(*options);
    case Options::Command::kCheckConfig: return CheckConfig(*options);
    case Options::Command::kPrintConfig: return PrintConfig(*options);
    case Options::Command::kDoctor: return Doctor(*options);
    case Options::Command::kStatus:
    case Options::Command::kBufferStats:
    case Options::Command::kReload: return Ask(*options);
  }
  return EX_SOFTWARE;
}

}  // namespace
}  // namespace picket

int main(int argc, char** argv) { return picket::Main({argv + 1, argv + argc}); }
