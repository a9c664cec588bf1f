// Who this agent is.
#pragma once

#include <string>

#include "port/entropy.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// The agent's id: `configured` if the user gave one, else the UUID in DIRECTORY/picket.agent-id, which is
// made at the first start and kept from then on. `directory` is where the configuration is, because the
// buffer may be on a tmpfs. kPermission and kIo name the file and the cure; kCorrupt: the file holds no id.
Expected<std::string> ResolveAgentId(const std::string& configured, const std::string& directory,
                                     Entropy& entropy, Logger& logger);

}  // namespace picket
