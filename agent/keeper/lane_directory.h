// The lanes the keeper has to do with: this run's own, and those of earlier runs that still have records in
// the spool.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/spool/spool.h"
#include "port/error.h"
#include "record/envelope.h"

namespace picket {

// Place in the table. A lane has one from its first record on, a LaneId only once the spool could write it
// down.
using LaneSlot = uint32_t;

struct KnownLane {
  Lane lane;
  std::string topic;
  std::string boot_id;
  std::optional<LaneId> id;
  bool this_run = false;
  bool IsStatus() const { return lane.stream == kStatusStream; }
};

// Names a record within the keeper.
struct RecordKey {
  LaneSlot slot = 0;
  uint64_t seq = 0;
  auto operator<=>(const RecordKey&) const = default;
};

class LaneDirectory {
 public:
  // A lane of this run, not yet in the spool.
  LaneSlot Add(KnownLane lane);
  const KnownLane& operator[](LaneSlot slot) const { return lanes_[slot]; }
  void SetId(LaneSlot slot, LaneId id);
  // Lanes of this run that the spool has not written down yet: its device failed at the start.
  std::vector<LaneSlot> Unwritten() const;
  // The slot of a lane in the spool, asked from it when it is not known yet. As many as the spool has lanes.
  Expected<LaneSlot> Find(LaneId id, Spool& spool);
  bool IsOfThisRun(LaneId id) const;

 private:
  std::vector<KnownLane> lanes_;
  std::unordered_map<LaneId, LaneSlot> slots_;
};

}  // namespace picket
