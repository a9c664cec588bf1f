// The agent's counters as Prometheus text (exposition format 0.0.4).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "agent/keeper/keeper.h"

namespace picket {

// What the loop thread itself knows, beside the keeper's counters.
struct LoopMetrics {
  uint64_t probes_skipped_total = 0;   // due and not started: still running, too many at once, queue full
  uint64_t probes_in_flight = 0;
  std::chrono::microseconds max_stall{0};  // longest turn of the loop since the last scrape
};

std::string RenderMetrics(const std::string& version, const std::string& agent, const Keeper& keeper,
                          const LoopMetrics& loop);

}  // namespace picket
