// The command line of picket: what was asked for, and nothing done yet.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "port/error.h"

namespace picket {

inline constexpr const char* kDefaultConfigPath = "/etc/picket/picket.yaml";

struct Options {
  enum class Command {
    kHelp, kVersion, kRun, kProbe, kCheckConfig, kPrintConfig, kDoctor, kStatus, kBufferStats, kReload
  };

  Command command = Command::kHelp;
  std::optional<std::string> config_path;  // --config; without it kDefaultConfigPath if that file is there
  std::optional<std::string> env_file;     // --env-file
  std::optional<std::string> log_level;    // --log-level
  std::optional<std::string> log_format;  // --log-format
  bool to_stdout = false;                  // run --stdout
  // probe:
  std::string url;
  std::optional<std::string> regex;        // --regex
  std::optional<std::string> ca_file;      // --ca-file
  std::optional<std::string> timeout;      // --timeout, a duration such as 500ms
  bool json = false;                       // --json; also of doctor, status and buffer stats
  // doctor:
  std::optional<std::string> probe_sites;  // --sites, a count
  // status, buffer stats, reload:
  std::optional<std::string> socket;       // --socket, the control socket of the agent to ask
};

// `arguments` without the program's name. kInvalidArgument (exit 64) says what is wrong and what to type.
Expected<Options> ParseOptions(const std::vector<std::string>& arguments);

// What --help prints.
const char* HelpText();

}  // namespace picket
