// Table kafka_position: the truth about how far each partition is stored.
#pragma once

#include <cstdint>
#include <vector>

#include "consumer/store/connection.h"
#include "consumer/store/store.h"
#include "port/error.h"

namespace picket {

// Store::TakePositions in a transaction of its own. Locks in (topic, partition) order.
Expected<std::vector<int64_t>> TakePositions(Connection& connection, int64_t owner,
                                             const std::vector<PartitionOrigin>& partitions);

// Inside the batch's transaction: moves all positions in (topic, partition) order, each only if it is where
// the batch expects it and still ours. kAlreadyExists when one is not.
Status AdvancePositions(Connection& connection, int64_t owner, std::vector<Advance> advances);

}  // namespace picket
