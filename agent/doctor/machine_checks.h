// What the agent needs of its machine beside the network: names, authorities, the buffer's place, its port.
#pragma once

#include "agent/config/config.h"
#include "doctor/budget.h"
#include "doctor/report.h"
#include "port/clock.h"

namespace picket {

// An area "this machine": clock, names of sites, CA files.
void CheckMachine(const AgentConfig& config, const Clock& clock, const Budget& budget, Report* report);

// An area "buffer": where it lies, and who has it.
void CheckBuffer(const AgentConfig& config, Report* report);

// serve.listen: free, or held by an agent that runs.
void CheckListen(const AgentConfig& config, const Budget& budget, Report* report);

}  // namespace picket
