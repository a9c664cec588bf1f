// Tables lane and lane_range inside the batch's transaction.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "consumer/ledger/lane_ledger.h"
#include "consumer/route/records.h"
#include "consumer/store/connection.h"
#include "port/error.h"

namespace picket {

// The lanes of a batch: locked, read, changed, written back.
class LedgerRows {
 public:
  // Locks the lanes in id order (without that, two consumers store the same record twice) and reads their
  // ranges. `lane_ids` sorted.
  static Expected<LedgerRows> Lock(Connection& connection, const std::vector<int32_t>& lane_ids);

  // Only for lanes that were locked.
  LaneLedger& Of(int32_t lane_id) { return lanes_.at(lane_id).ledger; }
  void CountRedelivered(int32_t lane_id) { ++lanes_.at(lane_id).redelivered; }

  // Writes the ranges that changed and the counts.
  Status Save(Connection& connection) const;

 private:
  struct LaneState {
    std::vector<RangeRow> stored;
    LaneLedger ledger;
    uint64_t redelivered = 0;
  };
  std::map<int32_t, LaneState> lanes_;
};

// Applies what a fact says of a lane to its row (not to its ranges). The lane must be locked.
Status ApplyNews(Connection& connection, int32_t lane_id, const LaneNews& news);
// `lane_id` is the status lane that said it.
Status AddSkipped(Connection& connection, int32_t lane_id, uint64_t skipped);

}  // namespace picket
