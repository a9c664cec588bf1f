#include "consumer/cli/options.h"

#include <iterator>

#include "settings/command_line.h"

namespace picket {
namespace {

using Command = ConsumerOptions::Command;

constexpr const char* kProgram = "picket-consumer";

// The order of kNames: FlagRule::commands counts by it.
constexpr const char* kNames[] = {"run",          "migrate", "audit", "doctor", "check-config",
                                  "print-config", "help",    "version"};
constexpr Command kCommands[] = {Command::kRun,         Command::kMigrate,     Command::kAudit, Command::kDoctor,
                                 Command::kCheckConfig, Command::kPrintConfig, Command::kHelp,  Command::kVersion};
static_assert(std::size(kNames) == std::size(kCommands));

constexpr FlagRule kFlags[] = {
    {"config", true, kEveryCommand},  {"env-file", true, kEveryCommand}, {"log-level", true, kEveryCommand},
    {"log-format", true, kEveryCommand},
    {"no-migrate", false, 0b0000001}, {"status", false, 0b0000010},      {"json", false, 0b0001100},
};

}  // namespace

Expected<ConsumerOptions> ParseConsumerOptions(const std::vector<std::string>& arguments) {
  const auto line = CommandLine::Parse(kProgram, kNames, kFlags, arguments);
  if (!line) return std::unexpected(line.error());
  ConsumerOptions options;
  if (line->version()) options.command = Command::kVersion;
  if (!line->command()) return options;

  options.command = kCommands[*line->command()];
  options.config_path = line->Value("config");
  options.env_file = line->Value("env-file");
  options.log_level = line->Value("log-level");
  options.log_format = line->Value("log-format");
  options.no_migrate = line->Has("no-migrate");
  options.status = line->Has("status");
  options.json = line->Has("json");
  if (!line->words().empty()) return UsageError(kProgram, "unexpected argument '" + line->words()[0] + "'");
  return options;
}

const char* ConsumerHelpText() {
  return R"(picket-consumer reads what picket agents send to Kafka and stores it in PostgreSQL, each record once.

Usage:
  picket-consumer run [--no-migrate]       store records until stopped
  picket-consumer migrate [--status]       bring the tables to this version, or say what is to do
  picket-consumer audit [--json]           is every record accounted for?
  picket-consumer doctor [--json]          is everything there that run needs? exit 0 yes, 1 no
  picket-consumer check-config             say what is wrong with the configuration
  picket-consumer print-config             the configuration in force, secrets hidden
  picket-consumer --version | --help

Options:
  --config FILE     YAML configuration; default /etc/picket/consumer.yaml if it is there
  --env-file FILE   lines NAME=value, used like environment variables (those win)
  --log-level L     error, warning, info or debug
  --log-format F    text, or json: one object a line
  --no-migrate      run: fail when the tables are not of this version, instead of migrating them
  --status          migrate: list the migrations and change nothing
  --json            audit, doctor: one JSON object instead of text

The environment alone is enough:
  KAFKA_BOOTSTRAP_SERVERS=kafka:9094 KAFKA_USERNAME=sink KAFKA_PASSWORD=... KAFKA_TOPIC=picket.results \
  DATABASE_URL=postgresql://picket:...@db/picket picket-consumer run
Everything else: docs/consumer.md.

Exit codes: 0 ok; 1 audit: records are lost without a name, doctor: a cross; 64 usage; 65 Kafka no longer has what comes next;
69 database or broker away (commands that do not wait); 74 input/output; 78 configuration, permission or schema.
)";
}

}  // namespace picket
