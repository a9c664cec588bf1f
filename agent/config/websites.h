// The environment variable WEBSITES: a JSON list of {name, url, regex}.
#pragma once

#include <optional>

#include "settings/diagnostics.h"
#include "settings/environment.h"
#include "settings/yaml.h"

namespace picket {

// As the tree that "sites" in the file would be, so that one reader serves both. Places inside are called
// "WEBSITES[2].url". Empty when it is not JSON, no list or holds what no site has: reported.
std::optional<YamlNode> ParseWebsites(const Variable& variable, Diagnostics* diagnostics);

}  // namespace picket
