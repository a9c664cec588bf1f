// One probe of some sites, as the agent would make it.
#pragma once

#include <cstddef>
#include <string>

#include "agent/config/config.h"
#include "doctor/budget.h"
#include "doctor/report.h"
#include "port/clock.h"

namespace picket {

// Probes the first `count` sites, all at once. A site that is down is a warning: what the agent is there to
// tell. An outcome `unknown` is a cross: the fault is on our side.
void CheckSites(const AgentConfig& config, size_t count, const std::string& version, const Clock& clock,
                const Budget& budget, Report* report);

}  // namespace picket
