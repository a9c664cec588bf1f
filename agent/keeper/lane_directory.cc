#include "agent/keeper/lane_directory.h"

#include <utility>

namespace picket {

LaneSlot LaneDirectory::Add(KnownLane lane) {
  const auto slot = static_cast<LaneSlot>(lanes_.size());
  lanes_.push_back(std::move(lane));
  if (lanes_.back().id) slots_[*lanes_.back().id] = slot;
  return slot;
}

void LaneDirectory::SetId(LaneSlot slot, LaneId id) {
  lanes_[slot].id = id;
  slots_[id] = slot;
}

std::vector<LaneSlot> LaneDirectory::Unwritten() const {
  std::vector<LaneSlot> unwritten;
  for (LaneSlot slot = 0; slot < lanes_.size(); ++slot) {
    if (!lanes_[slot].id) unwritten.push_back(slot);
  }
  return unwritten;
}

bool LaneDirectory::IsOfThisRun(LaneId id) const {
  const auto known = slots_.find(id);
  return known != slots_.end() && lanes_[known->second].this_run;
}

Expected<LaneSlot> LaneDirectory::Find(LaneId id, Spool& spool) {
  if (const auto known = slots_.find(id); known != slots_.end()) return known->second;
  Expected<LaneInfo> info = spool.GetLane(id);
  if (!info) return std::unexpected(std::move(info).error());
  return Add(
      {.lane = info->lane, .topic = info->topic, .boot_id = info->boot_id, .id = id, .this_run = false});
}

}  // namespace picket
