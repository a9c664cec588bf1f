#include "agent/cli/options.h"

#include <getopt.h>

#include <array>
#include <string_view>

namespace picket {
namespace {

using Command = Options::Command;

struct CommandName {
  const char* name;
  Command command;
};
constexpr std::array kCommands = {
    CommandName{"run", Command::kRun},
    CommandName{"probe", Command::kProbe},
    CommandName{"check-config", Command::kCheckConfig},
    CommandName{"print-config", Command::kPrintConfig},
    CommandName{"help", Command::kHelp},
    CommandName{"version", Command::kVersion},
};

// Above every character, and above 1, which is getopt's word for an argument that is no option.
enum Flag : int { kConfig = 256, kEnvFile, kLogLevel, kStdout, kRegex, kCaFile, kTimeout, kJson, kHelp, kVersion };

struct FlagRule {
  option getopt;            // for getopt_long
  unsigned commands;        // bit set of Command
};

constexpr unsigned Bit(Command command) { return 1u << static_cast<unsigned>(command); }
constexpr unsigned kConfigured = Bit(Command::kRun) | Bit(Command::kCheckConfig) | Bit(Command::kPrintConfig);
constexpr unsigned kAny = ~0u;

constexpr std::array kFlags = {
    FlagRule{{"config", required_argument, nullptr, kConfig}, kConfigured},
    FlagRule{{"env-file", required_argument, nullptr, kEnvFile}, kConfigured},
    FlagRule{{"log-level", required_argument, nullptr, kLogLevel}, kConfigured | Bit(Command::kProbe)},
    FlagRule{{"stdout", no_argument, nullptr, kStdout}, kConfigured},
    FlagRule{{"regex", required_argument, nullptr, kRegex}, Bit(Command::kProbe)},
    FlagRule{{"ca-file", required_argument, nullptr, kCaFile}, Bit(Command::kProbe)},
    FlagRule{{"timeout", required_argument, nullptr, kTimeout}, Bit(Command::kProbe)},
    FlagRule{{"json", no_argument, nullptr, kJson}, Bit(Command::kProbe)},
    FlagRule{{"help", no_argument, nullptr, kHelp}, kAny},
    FlagRule{{"version", no_argument, nullptr, kVersion}, kAny},
};

std::unexpected<Error> Usage(const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument, "%s\nTry 'picket --help'.", what.c_str());
}

Expected<Command> FindCommand(const std::string& name) {
  for (const CommandName& known : kCommands) {
    if (name == known.name) return known.command;
  }
  return Usage("unknown command '" + name + "'");
}

void Apply(int flag, Options* options) {
  switch (flag) {
    case kConfig: options->config_path = optarg; break;
    case kEnvFile: options->env_file = optarg; break;
    case kLogLevel: options->log_level = optarg; break;
    case kStdout: options->to_stdout = true; break;
    case kRegex: options->regex = optarg; break;
    case kCaFile: options->ca_file = optarg; break;
    case kTimeout: options->timeout = optarg; break;
    case kJson: options->json = true; break;
    case kHelp: options->command = Command::kHelp; break;
    case kVersion: options->command = Command::kVersion; break;
    default: break;
  }
}

}  // namespace

Expected<Options> ParseOptions(const std::vector<std::string>& arguments) {
  std::vector<std::string> storage = {"picket"};
  storage.insert(storage.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : storage) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<option> table;
  for (const FlagRule& rule : kFlags) table.push_back(rule.getopt);
  table.push_back({});

  Options options;
  std::vector<std::string> words;
  std::vector<size_t> used;  // indexes into kFlags, checked against the command once that is known
  optind = 0;                // glibc and musl: start anew, so that a test may call this twice
  opterr = 0;
  int index = 0;
  const int count = static_cast<int>(storage.size());
  for (int flag; (flag = getopt_long(count, argv.data(), "-:h", table.data(), &index)) != -1;) {
    const std::string given = optind > 0 ? argv[optind - 1] : "";
    if (flag == 1) {
      words.push_back(optarg);
    } else if (flag == 'h') {
      options.command = Command::kHelp;
      return options;
    } else if (flag == ':') {
      return Usage("option '" + given + "' needs a value");
    } else if (flag == '?') {
      return Usage("unknown option '" + given + "'");
    } else {
      Apply(flag, &options);
      if (flag == kHelp || flag == kVersion) return options;
      used.push_back(static_cast<size_t>(index));
    }
  }
  for (int i = optind; i < count; ++i) words.push_back(storage[static_cast<size_t>(i)]);

  if (words.empty()) return used.empty() ? Expected<Options>(options) : Usage("a command is missing");
  auto command = FindCommand(words.front());
  if (!command) return std::unexpected(std::move(command).error());
  options.command = *command;
  for (size_t i : used) {
    if ((kFlags[i].commands & Bit(*command)) == 0) {
      return Usage("option '--" + std::string(kFlags[i].getopt.name) + "' does not go with '" + words.front() + "'");
    }
  }
  const size_t wanted = *command == Command::kProbe ? 2 : 1;
  if (words.size() < wanted) return Usage("probe: a URL is missing, e.g. picket probe https://example.org");
  if (words.size() > wanted) return Usage("unexpected argument '" + words[wanted] + "'");
  if (*command == Command::kProbe) options.url = words[1];
  return options;
}

const char* HelpText() {
  return R"(picket probes web sites, keeps the results while the uplink is gone, and sends them to Kafka.

Usage:
  picket run [--config FILE] [--env-file FILE] [--stdout]    probe until stopped
  picket probe URL [--regex RE] [--ca-file PEM] [--timeout 5s] [--json]
                                                             probe once; exit 0 up, 1 down, 2 unknown
  picket check-config [--config FILE] [--env-file FILE]      say what is wrong with the configuration
  picket print-config [--config FILE] [--env-file FILE]      the configuration in force, secrets hidden
  picket --version | --help

Options:
  --config FILE     YAML configuration; default /etc/picket/picket.yaml if it is there
  --env-file FILE   lines NAME=value, used like environment variables (those win)
  --stdout          run: print records, one JSON object a line, instead of sending them: needs no broker
  --log-level L     error, warning, info or debug

A first try without anything else:
  picket probe https://example.org
  WEBSITES='[{"name":"example","url":"https://example.org"}]' picket run --stdout

The environment alone is enough to run: KAFKA_BOOTSTRAP_SERVERS, KAFKA_USERNAME, KAFKA_PASSWORD,
KAFKA_TOPIC, WEBSITES, CHECK_INTERVAL, REQUEST_TIMEOUT, LOG_LEVEL. Everything else: docs/configuration.md.

Exit codes: 0 ok, 64 usage, 69 serve.listen is taken, 74 input/output, 75 another agent holds the buffer,
77 permission, 78 configuration.
)";
}

}  // namespace picket
