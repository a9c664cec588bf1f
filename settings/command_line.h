// The command line that both programs have: "PROGRAM COMMAND [word...] [--flag [value]]", flags on either side.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "port/error.h"

namespace picket {

struct FlagRule {
  const char* name;   // without "--"
  bool takes_value;
  unsigned commands;  // bit i: goes with the i-th command of the table
};

inline constexpr unsigned kEveryCommand = ~0u;

// What was typed, and nothing looked up but the tables.
class CommandLine {
 public:
  // `arguments` without the program's name. --help, -h and --version end the parsing where they stand.
  // kInvalidArgument says what is wrong and what to type: an unknown command or flag, a missing value, a flag that
  // does not go with the command, no command although there are flags. At most 32 commands.
  static Expected<CommandLine> Parse(const std::string& program, std::span<const char* const> commands,
                                     std::span<const FlagRule> flags, const std::vector<std::string>& arguments);

  bool help() const { return help_; }
  bool version() const { return version_; }
  // Index into the table of commands; empty with help, version, or when nothing was typed at all.
  std::optional<size_t> command() const { return command_; }
  // What follows the command.
  const std::vector<std::string>& words() const { return words_; }

  bool Has(std::string_view flag) const { return Value(flag).has_value(); }
  // The last value given to a flag, "" for one that takes none; empty: it was not given.
  std::optional<std::string> Value(std::string_view flag) const;

 private:
  struct Given {
    std::string flag, value;
  };
  bool help_ = false, version_ = false;
  std::optional<size_t> command_;
  std::vector<std::string> words_;
  std::vector<Given> given_;
};

// kInvalidArgument, with the hint that both programs give.
std::unexpected<Error> UsageError(const std::string& program, const std::string& what);

}  // namespace picket
