// The command line of picket-consumer: what was asked for, and nothing done yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "port/error.h"

namespace picket {

inline constexpr const char* kDefaultConsumerConfigPath = "/etc/picket/consumer.yaml";

struct ConsumerOptions {
  enum class Command { kHelp, kVersion, kRun, kMigrate, kAudit, kDoctor, kCheckConfig, kPrintConfig };

  Command command = Command::kHelp;
  std::optional<std::string> config_path;  // --config; without it the default path, if that file is there
  std::optional<std::string> env_file;     // --env-file
  std::optional<std::string> log_level;    // --log-level
  std::optional<std::string> log_format;  // --log-format
  bool no_migrate = false;                 // run --no-migrate
  bool status = false;                     // migrate --status
  bool json = false;                       // audit --json, doctor --json
};

// `arguments` without the program's name. kInvalidArgument (exit 64) says what is wrong and what to type.
Expected<ConsumerOptions> ParseConsumerOptions(const std::vector<std::string>& arguments);

// What --help prints.
const char* ConsumerHelpText();

}  // namespace picket
