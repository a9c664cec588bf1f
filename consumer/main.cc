// picket-consumer: chooses the command, turns its result into text and exit code.
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "consumer/cli/commands.h"
#include "consumer/cli/exit_codes.h"
#include "consumer/cli/options.h"
#include "consumer/config/config.h"
#include "consumer/doctor/doctor.h"
#include "consumer/source/kafka_source.h"
#include "consumer/store/connection.h"
#include "port/clock.h"
#include "port/entropy.h"
#include "port/log.h"
#include "port/version.h"
#include "record/log_line.h"
#include "settings/reference.h"

namespace picket {
namespace {

using Command = ConsumerOptions::Command;

int Report(const Error& error) {
  // Lines of a configuration say "FILE:LINE:COL: error:" themselves.
  const bool has_places = error.message.find(": error: ") != std::string::npos;
  fprintf(stderr, "%s%s\n", has_places ? "" : "picket-consumer: ", error.message.c_str());
  return ExitCodeOf(error.code);
}

Expected<LoadedConsumerConfig> Load(const ConsumerOptions& options, Diagnostics* diagnostics) {
  SettingsSources sources;
  sources.config_path = options.config_path.value_or(kDefaultConsumerConfigPath);
  sources.config_must_exist = options.config_path.has_value();
  sources.env_file = options.env_file.value_or("");
  sources.environment = ReadProcessEnvironment(environ);
  if (options.log_level) sources.flags.push_back({"log.level", *options.log_level, "--log-level"});
  if (options.log_format) sources.flags.push_back({"log.format", *options.log_format, "--log-format"});

  Needs needs;
  needs.kafka = options.command == Command::kRun || options.command == Command::kDoctor ||
                options.command == Command::kCheckConfig;
  needs.database = options.command != Command::kPrintConfig;
  return LoadConsumerConfig(sources, needs, diagnostics);
}

Expected<LoadedConsumerConfig> Load(const ConsumerOptions& options) {
  Diagnostics diagnostics;
  auto loaded = Load(options, &diagnostics);
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

Expected<int> Execute(const ConsumerOptions& options) {
  if (options.command == Command::kDoctor) {
    Diagnostics diagnostics;
    const Expected<LoadedConsumerConfig> examined = Load(options, &diagnostics);
    return RunConsumerDoctor(examined, diagnostics, options.json, SystemClock(), stdout);
  }
  const Expected<LoadedConsumerConfig> loaded = Load(options);
  if (!loaded) return std::unexpected(loaded.error());
  const ConsumerConfig& config = loaded->config;
  const Clock& clock = SystemClock();
  StderrLogger logger(clock, config.log_level, LogLineOf(config.log_format));
  switch (options.command) {
    case Command::kRun: {
      const Expected<int> code = RunConsumer(config, !options.no_migrate, clock, SystemEntropy(), logger);
      if (code) return *code;
      logger.Error("run", "%s", code.error().message.c_str());
      return ExitCodeOf(code.error().code);
    }
    case Command::kMigrate:
      return MigrateCommand(config, options.status, clock, logger);
    case Command::kAudit:
      return AuditCommand(config, options.json, clock);
    case Command::kCheckConfig:
      printf("configuration ok (brokers: %zu)\n", config.kafka.brokers.size());
      break;
    case Command::kPrintConfig:
      fputs(PrintSettings(loaded->settings, nullptr).c_str(), stdout);
      break;
    case Command::kDoctor:
    case Command::kHelp:
    case Command::kVersion:
      break;
  }
  return EX_OK;
}

int Main(const std::vector<std::string>& arguments) {
  const Expected<ConsumerOptions> options = ParseConsumerOptions(arguments);
  if (!options) return Report(options.error());
  if (options->command == Command::kHelp) {
    fputs(ConsumerHelpText(), stdout);
    return EX_OK;
  }
  if (options->command == Command::kVersion) {
    printf("picket-consumer %s\n%s\n%s\n", kVersion, KafkaClientVersion().c_str(),
           PostgresClientVersion().c_str());
    return EX_OK;
  }
  const Expected<int> code = Execute(*options);
  return code ? *code : Report(code.error());
}

}  // namespace
}  // namespace picket

int main(int argc, char** argv) {
  return picket::Main({argv + 1, argv + argc});
}
