// Environment variables and env files ("--env-file"), with the place each value comes from.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "settings/diagnostics.h"

namespace picket {

inline constexpr size_t kMaxEnvFileBytes = 1 << 20;

struct Variable {
  std::string value;
  Place place;
};

// Name to value. An empty value counts as not set.
using Environment = std::map<std::string, Variable, std::less<>>;

// From the process's environment (`environ`, ended by nullptr).
Environment ReadProcessEnvironment(const char* const* environ);

// Adds the lines of an env file; a name that has a value already keeps it, since the real environment goes
// before the file. A line is blank, a comment (#) or NAME=VALUE, "export " before it allowed. VALUE:
//   unquoted  up to " #" or the end of the line, spaces around it dropped
//   'single'  as it stands
//   "double"  with \n, \t, \", \\ and \$ resolved; other backslashes stay
// Quoted values may span lines. Variables in values are not expanded. The last line of one name counts.
void AddEnvFile(std::string_view text, const std::string& source, Environment* environment,
                Diagnostics* diagnostics);

}  // namespace picket
