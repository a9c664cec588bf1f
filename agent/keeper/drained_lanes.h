// Which lanes of earlier runs have left the agent for good. Only then can the consumer tell a record that is lost
// from one that still lies here.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "agent/keeper/backoff.h"
#include "agent/keeper/keeper_parts.h"

namespace picket {

class DrainedLanes {
 public:
  explicit DrainedLanes(KeeperParts& parts) : parts_(parts) {}

  // The bodies of the facts that are due: one for each lane of an earlier run of which the spool holds nothing any
  // more, once a run. The spool is asked only after it changed.
  std::vector<std::string> TakeFacts(BootTime now);
  // The spool forgot evictions. Committed removals are seen without being told.
  void Changed() { changed_ = true; }

 private:
  KeeperParts& parts_;
  bool changed_ = true;
  Backoff failed_{std::chrono::seconds(1), std::chrono::seconds(60)};
  uint64_t commits_seen_ = 0;
  std::set<LaneId> told_;  // at most as many as the spool has lanes
};

}  // namespace picket
