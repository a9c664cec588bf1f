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
  uint64_t reloads_applied = 0, reloads_refused = 0;
  bool last_reload_successful = true;  // also before the first
};

std::string RenderMetrics(const std::string& version, const std::string& agent, const Keeper& keeper,
                          const LoopMetrics& loop);

}  // namespace picket
