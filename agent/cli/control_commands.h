// picket status, buffer stats and reload: questions to the running agent.
#pragma once

#include <string>

#include "agent/cli/options.h"
#include "port/error.h"

namespace picket {

// Asks the agent that `options` point to; what is to be printed. kUnavailable: there is none, or it does not
// answer; else the error that the agent gave, kConfig for a reload that it refused.
Expected<std::string> RunControlCommand(const Options& options);

}  // namespace picket
