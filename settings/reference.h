// What the tables say, for people: print-config and the reference pages.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "settings/keys.h"
#include "settings/settings.h"

namespace picket {

// Shown in place of a secret.
inline constexpr std::string_view kRedacted = "********";

// A YAML file that means the same as `settings`, every key written out, secrets redacted, and behind each
// value that is not the default where it comes from: "# picket.yaml:12:5". `custom` writes the subtree of a
// kCustom key: it gets the key and appends lines that begin with "key:".
std::string PrintSettings(const Settings& settings,
                          const std::function<void(const Key& key, std::string* out)>& custom);

// A scalar as YAML, quoted where it must be.
std::string YamlScalar(std::string_view text);

// A Markdown table: key, type, default, limits, environment variable, hot or restart, help.
std::string KeyReference(std::span<const Key> keys);

// What a value must be: "100ms to 1d", "`SASL_SSL`, `SSL`"; empty: nothing to say. Markdown.
std::string KeyLimits(const Key& key);

// `document` with the lines between "<!-- begin NAME -->" and "<!-- end NAME -->" replaced by `text`; empty
// when the marks are not there. Keeps docs/configuration.md true to the tables.
std::string ReplaceBlock(std::string_view document, std::string_view name, std::string_view text);

}  // namespace picket
