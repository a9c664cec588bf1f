#include "settings/command_line.h"

#include <getopt.h>

namespace picket {
namespace {

// Values of getopt_long above every character, and above 1, which is its word for an argument that is no flag.
constexpr int kFirstFlag = 256;
constexpr int kHelp = 254;
constexpr int kVersion = 255;

std::vector<option> GetoptTable(std::span<const FlagRule> flags) {
  std::vector<option> table = {{"help", no_argument, nullptr, kHelp}, {"version", no_argument, nullptr, kVersion}};
  int value = kFirstFlag;
  for (const FlagRule& rule : flags) {
    table.push_back({rule.name, rule.takes_value ? required_argument : no_argument, nullptr, value++});
  }
  table.push_back({});
  return table;
}

}  // namespace

std::unexpected<Error> UsageError(const std::string& program, const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument, "%s\nTry '%s --help'.", what.c_str(), program.c_str());
}

Expected<CommandLine> CommandLine::Parse(const std::string& program, std::span<const char* const> commands,
                                         std::span<const FlagRule> flags,
                                         const std::vector<std::string>& arguments) {
  std::vector<std::string> storage = {program};
  storage.insert(storage.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : storage) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::vector<option> table = GetoptTable(flags);

  CommandLine line;
  std::vector<size_t> used;  // indexes into `flags`, checked against the command once that is known
  optind = 0;                // glibc and musl: start anew, so that a test may call this twice
  opterr = 0;
  const int count = static_cast<int>(storage.size());
  for (int flag; (flag = getopt_long(count, argv.data(), "-:h", table.data(), nullptr)) != -1;) {
    const std::string given = optind > 0 ? argv[optind - 1] : "";
    if (flag == kHelp || flag == 'h') {
      line.help_ = true;
      return line;
    }
    if (flag == kVersion) {
      line.version_ = true;
      return line;
    }
    if (flag == ':') return UsageError(program, "option '" + given + "' needs a value");
    if (flag == '?') return UsageError(program, "unknown option '" + given + "'");
    if (flag == 1) {
      line.words_.push_back(optarg);
    } else {
      used.push_back(static_cast<size_t>(flag - kFirstFlag));
      line.given_.push_back({flags[used.back()].name, flags[used.back()].takes_value ? optarg : ""});
    }
  }
  for (int i = optind; i < count; ++i) line.words_.push_back(storage[static_cast<size_t>(i)]);
  if (line.words_.empty()) {
    return used.empty() ? Expected<CommandLine>(line) : UsageError(program, "a command is missing");
  }

  const std::string name = line.words_.front();
  line.words_.erase(line.words_.begin());
  for (size_t i = 0; i < commands.size(); ++i) {
    if (name == commands[i]) line.command_ = i;
  }
  if (!line.command_) return UsageError(program, "unknown command '" + name + "'");
  for (const size_t i : used) {
    if ((flags[i].commands >> *line.command_ & 1) == 0) {
      return UsageError(program, "option '--" + std::string(flags[i].name) + "' does not go with '" + name + "'");
    }
  }
  return line;
}

std::optional<std::string> CommandLine::Value(std::string_view flag) const {
  std::optional<std::string> value;
  for (const Given& given : given_) {
    if (given.flag == flag) value = given.value;
  }
  return value;
}

}  // namespace picket
