#include "agent/cli/options.h"

#include <iterator>

#include "settings/command_line.h"

namespace picket {
namespace {

using Command = Options::Command;

constexpr const char* kProgram = "picket";

// The order of kNames: FlagRule::commands counts by it.
constexpr const char* kNames[] = {"run",  "check-config", "print-config", "doctor", "probe",
                                  "help", "version",      "status",       "buffer", "reload"};
constexpr Command kCommands[] = {Command::kRun,    Command::kCheckConfig, Command::kPrintConfig, Command::kDoctor,
                                 Command::kProbe,  Command::kHelp,        Command::kVersion,     Command::kStatus,
                                 Command::kBufferStats, Command::kReload};
static_assert(std::size(kNames) == std::size(kCommands));

// Bits of FlagRule::commands.
constexpr unsigned kConfigured = 0b0001111;
constexpr unsigned kDoctor = 0b0001000;
constexpr unsigned kProbe = 0b0010000;
constexpr unsigned kStatus = 1 << 7, kBuffer = 1 << 8, kReload = 1 << 9;
constexpr unsigned kAsking = kStatus | kBuffer | kReload;

constexpr FlagRule kFlags[] = {
    {"config", true, kConfigured | kAsking},
    {"env-file", true, kConfigured | kAsking},
    {"log-level", true, kConfigured | kProbe},
    {"stdout", false, kConfigured},
    {"regex", true, kProbe},
    {"ca-file", true, kProbe},
    {"timeout", true, kProbe},
    {"json", false, kProbe | kDoctor | kStatus | kBuffer},
    {"sites", true, kDoctor},
    {"socket", true, kAsking},
    {"log-format", true, kConfigured},
};

}  // namespace

Expected<Options> ParseOptions(const std::vector<std::string>& arguments) {
  const auto line = CommandLine::Parse(kProgram, kNames, kFlags, arguments);
  if (!line) return std::unexpected(line.error());
  Options options;
  if (line->version()) options.command = Command::kVersion;
  if (!line->command()) return options;

  options.command = kCommands[*line->command()];
  options.config_path = line->Value("config");
  options.env_file = line->Value("env-file");
  options.log_level = line->Value("log-level");
  options.log_format = line->Value("log-format");
  options.to_stdout = line->Has("stdout");
  options.regex = line->Value("regex");
  options.ca_file = line->Value("ca-file");
  options.timeout = line->Value("timeout");
  options.json = line->Has("json");
  options.probe_sites = line->Value("sites");
  options.socket = line->Value("socket");

  const std::vector<std::string>& words = line->words();
  if (options.command == Command::kBufferStats && (words.size() != 1 || words[0] != "stats")) {
    return UsageError(kProgram, "buffer: say picket buffer stats");
  }
  if (options.command == Command::kBufferStats) return options;
  const size_t wanted = options.command == Command::kProbe ? 1 : 0;
  if (words.size() < wanted) {
    return UsageError(kProgram, "probe: a URL is missing, e.g. picket probe https://example.org");
  }
  if (words.size() > wanted) return UsageError(kProgram, "unexpected argument '" + words[wanted] + "'");
  if (wanted == 1) options.url = words[0];
  return options;
}

const char* HelpText() {
  return R"(picket probes web sites, keeps the results while the uplink is gone, and sends them to Kafka.

Usage:
  picket run [--config FILE] [--env-file FILE] [--stdout]    probe until stopped
  picket probe URL [--regex RE] [--ca-file PEM] [--timeout 5s] [--json]
                                                             probe once; exit 0 up, 1 down, 2 unknown
  picket doctor [--config FILE] [--env-file FILE] [--sites N] [--json]
                                                             is everything there that run needs? exit 0 yes, 1 no
  picket check-config [--config FILE] [--env-file FILE]      say what is wrong with the configuration
  picket print-config [--config FILE] [--env-file FILE]      the configuration in force, secrets hidden
  picket status [--json]                                     how the running agent is
  picket buffer stats [--json]                               what is in its buffer
  picket reload                                              it reads its configuration again, as on SIGHUP
                                                             (these three find it by --config, --env-file or --socket)
  picket --version | --help

Options:
  --config FILE     YAML configuration; default /etc/picket/picket.yaml if it is there
  --env-file FILE   lines NAME=value, used like environment variables (those win)
  --stdout          run: print records, one JSON object a line, instead of sending them: needs no broker
  --sites N         doctor: probe the first N sites as well, 1 to 100
  --json            probe, doctor, status, buffer stats: one JSON object instead of text
  --log-level L     error, warning, info or debug
  --log-format F    text, or json: one object a line
  --socket PATH     control socket of the agent to ask; default: control.socket of the configuration

A first try without anything else:
  picket probe https://example.org
  WEBSITES='[{"name":"example","url":"https://example.org"}]' picket run --stdout

The environment alone is enough to run: KAFKA_BOOTSTRAP_SERVERS, KAFKA_USERNAME, KAFKA_PASSWORD,
KAFKA_TOPIC, WEBSITES, CHECK_INTERVAL, REQUEST_TIMEOUT, LOG_LEVEL. Everything else: docs/configuration.md.

Exit codes: 0 ok, 64 usage, 69 no agent answers, or serve.listen or control.socket is taken, 74 input/output,
75 another agent holds the buffer, 77 permission, 78 configuration.
)";
}

}  // namespace picket
