// What the tables say, as the part of an example file that shows every key.
#pragma once

#include <span>
#include <string>

#include "settings/keys.h"

namespace picket {

// YAML in which every key of `keys` is there, commented out by the mark "#:", with its default (where it has none: an
// example, or nothing) and its help and limits in the lines before it. Without the marks it is a configuration. A
// kCustom key is shown as a list with one entry, which has every key of `entry_keys`.
std::string KeyExample(std::span<const Key> keys, std::span<const Key> entry_keys);

}  // namespace picket
