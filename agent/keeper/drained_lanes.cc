#include "agent/keeper/drained_lanes.h"

#include <utility>

#include "agent/keeper/facts.h"

namespace picket {

std::vector<std::string> DrainedLanes::TakeFacts(BootTime now) {
  const uint64_t commits = parts_.backlog.Commits();
  changed_ |= commits != std::exchange(commits_seen_, commits);
  if (!changed_ || failed_.Waiting(now)) return {};
  const Expected<std::vector<LaneInfo>> settled = parts_.spool.SettledLanes();
  if (!settled) {
    failed_.Fail(now);
    parts_.BufferTrouble(settled.error(), "that a lane has ended is told later");
    return {};
  }
  failed_.Reset();
  changed_ = false;
  std::vector<std::string> facts;
  for (const LaneInfo& lane : *settled) {
    if (lane.lane.stream == kStatusStream || parts_.lanes.IsOfThisRun(lane.id)) continue;
    if (told_.insert(lane.id).second) facts.push_back(DrainedFactBody(lane.lane.stream, lane.lane.epoch));
  }
  return facts;
}

}  // namespace picket
