#include "consumer/cli/options.h"

#include <getopt.h>

#include <array>

namespace picket {
namespace {

using Command = ConsumerOptions::Command;

struct CommandName {
  const char* name;
  Command command;
};
constexpr std::array kCommands = {
    CommandName{"run", Command::kRun},
    CommandName{"migrate", Command::kMigrate},
    CommandName{"audit", Command::kAudit},
    CommandName{"check-config", Command::kCheckConfig},
    CommandName{"print-config", Command::kPrintConfig},
    CommandName{"help", Command::kHelp},
    CommandName{"version", Command::kVersion},
};

// Above every character, and above 1, which is getopt's word for an argument that is no option.
enum Flag : int { kConfig = 256, kEnvFile, kLogLevel, kNoMigrate, kStatus, kJson, kHelp, kVersion };

struct FlagRule {
  option getopt;      // for getopt_long
  unsigned commands;  // bit set of Command
};

constexpr unsigned Bit(Command command) {
  return 1u << static_cast<unsigned>(command);
}
constexpr unsigned kAny = ~0u;

constexpr std::array kFlags = {
    FlagRule{{"config", required_argument, nullptr, kConfig}, kAny},
    FlagRule{{"env-file", required_argument, nullptr, kEnvFile}, kAny},
    FlagRule{{"log-level", required_argument, nullptr, kLogLevel}, kAny},
    FlagRule{{"no-migrate", no_argument, nullptr, kNoMigrate}, Bit(Command::kRun)},
    FlagRule{{"status", no_argument, nullptr, kStatus}, Bit(Command::kMigrate)},
    FlagRule{{"json", no_argument, nullptr, kJson}, Bit(Command::kAudit)},
    FlagRule{{"help", no_argument, nullptr, kHelp}, kAny},
    FlagRule{{"version", no_argument, nullptr, kVersion}, kAny},
};

std::unexpected<Error> Usage(const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument, "%s\nTry 'picket-consumer --help'.", what.c_str());
}

void Apply(int flag, ConsumerOptions* options) {
  switch (flag) {
    case kConfig:
      options->config_path = optarg;
      break;
    case kEnvFile:
      options->env_file = optarg;
      break;
    case kLogLevel:
      options->log_level = optarg;
      break;
    case kNoMigrate:
      options->no_migrate = true;
      break;
    case kStatus:
      options->status = true;
      break;
    case kJson:
      options->json = true;
      break;
    case kHelp:
      options->command = Command::kHelp;
      break;
    case kVersion:
      options->command = Command::kVersion;
      break;
    default:
      break;
  }
}

Expected<Command> FindCommand(const std::string& name) {
  for (const CommandName& known : kCommands) {
    if (name == known.name) return known.command;
  }
  return Usage("unknown command '" + name + "'");
}

}  // namespace

Expected<ConsumerOptions> ParseConsumerOptions(const std::vector<std::string>& arguments) {
  std::vector<std::string> storage = {"picket-consumer"};
  storage.insert(storage.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : storage) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<option> table;
  for (const FlagRule& rule : kFlags) table.push_back(rule.getopt);
  table.push_back({});

  ConsumerOptions options;
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

  if (words.empty()) return used.empty() ? Expected<ConsumerOptions>(options) : Usage("a command is missing");
  const Expected<Command> command = FindCommand(words.front());
  if (!command) return std::unexpected(command.error());
  options.command = *command;
  for (const size_t i : used) {
    if ((kFlags[i].commands & Bit(*command)) == 0) {
      return Usage("option '--" + std::string(kFlags[i].getopt.name) + "' does not go with '" +
                   words.front() + "'");
    }
  }
  if (words.size() > 1) return Usage("unexpected argument '" + words[1] + "'");
  return options;
}

const char* ConsumerHelpText() {
  return R"(picket-consumer reads what picket agents send to Kafka and stores it in PostgreSQL, each record once.

Usage:
  picket-consumer run [--no-migrate]       store records until stopped
  picket-consumer migrate [--status]       bring the tables to this version, or say what is to do
  picket-consumer audit [--json]           is every record accounted for?
  picket-consumer check-config             say what is wrong with the configuration
  picket-consumer print-config             the configuration in force, secrets hidden
  picket-consumer --version | --help

Options:
  --config FILE     YAML configuration; default /etc/picket/consumer.yaml if it is there
  --env-file FILE   lines NAME=value, used like environment variables (those win)
  --log-level L     error, warning, info or debug
  --no-migrate      run: fail when the tables are not of this version, instead of migrating them
  --status          migrate: list the migrations and change nothing
  --json            audit: one JSON object instead of text

The environment alone is enough:
  KAFKA_BOOTSTRAP_SERVERS=kafka:9094 KAFKA_USERNAME=sink KAFKA_PASSWORD=... KAFKA_TOPIC=picket.results \
  DATABASE_URL=postgresql://picket:...@db/picket picket-consumer run
Everything else: docs/consumer.md.

Exit codes: 0 ok; 1 audit: records are lost without a name; 64 usage; 65 Kafka no longer has what comes next;
69 database or broker away (commands that do not wait); 74 input/output; 78 configuration, permission or schema.
)";
}

}  // namespace picket
