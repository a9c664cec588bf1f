// One value of one key, and its way out of a text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "port/error.h"
#include "settings/keys.h"
#include "settings/yaml.h"

namespace picket {

// kText, kFile, kChoice and secrets: string. kInteger, kDuration, kSize: int64_t.
using KeyValue = std::variant<std::string, bool, int64_t, std::vector<std::string>,
                              std::map<std::string, std::string>, const YamlNode*>;

// Reads a text from file, environment or flag by the key's type, choices and limits. kConfig says what is
// wrong and what would be right: "'10 apples' is not a duration (...)"; it never repeats a secret. Does not
// look whether a kFile exists. Not for kTextMap and kCustom.
Expected<KeyValue> ParseKeyValue(const Key& key, std::string_view text);

// Whether this can be an entry of a list or the value of one in a map: text without control characters.
Status CheckEntry(std::string_view text);

// Checks the number of entries of a list or map.
Status CheckEntryCount(const Key& key, size_t count);

// A limit or a default as a user would write it: "10ms", "16MiB", "5".
std::string FormatKeyNumber(const Key& key, int64_t number);

}  // namespace picket
