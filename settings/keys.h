// The keys of a configuration as data: one table a program drives parser, print-config and docs.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

enum class ValueType : uint8_t {
  kText,    // without control characters
  kFile,    // path of a file that must be readable
  kChoice,  // one of Key::choices, case ignored
  kBool,
  kInteger,
  kDuration,  // in milliseconds
  kSize,      // in bytes
  kTextList,  // a YAML list, one scalar, or in the environment a list with commas
  kTextMap,   // a mapping of scalars
  kCustom,    // a subtree that the program reads itself (Settings::Node)
};

enum class Reload : uint8_t {
  kHot,      // SIGHUP applies it
  kRestart,  // takes effect at the next start
};

struct Key {
  std::string_view name;  // path with dots: "buffer.max_bytes"
  ValueType type = ValueType::kText;
  std::string_view fallback = {};  // the default as a user would write it; empty: none

  // Inclusive. kInteger: the value; kDuration: milliseconds; kSize: bytes; kText, kFile, secrets: length
  // in bytes; kTextList, kTextMap: number of entries.
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();

  std::span<const std::string_view> choices = {};  // kChoice; spelled as they come out
  std::string_view unlimited = {};                 // word for "no limit" ("forever"): reads as kUnlimited
  std::string_view environment = {};               // variable that sets it, if there is one

  // Never printed. Key NAME_file and variable NAME_FILE then exist as well: the file holds the value, a
  // line break at its end is dropped. They are not in the table.
  bool secret = false;

  Reload reload = Reload::kRestart;
  std::string_view help = {};  // one or two sentences; Markdown
};

inline constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

const char* ValueTypeName(ValueType type);

}  // namespace picket
