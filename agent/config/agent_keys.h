// The agent's keys as data: what parser, print-config and docs/configuration.md are made from.
#pragma once

#include <span>

#include "settings/keys.h"

namespace picket {

// Of picket.yaml.
std::span<const Key> AgentKeys();

// Of one entry of its "sites". What is not set there comes from "defaults".
std::span<const Key> SiteKeys();

}  // namespace picket
