// Table dead_letter.
#pragma once

#include <cstdint>
#include <optional>

#include "consumer/route/records.h"
#include "consumer/store/connection.h"
#include "consumer/store/store.h"
#include "port/error.h"

namespace picket {

// Inside the batch's transaction. A message that is there already (a topic read a second time) stays as it
// is. `lane_id` when the letter is named. `record` must hold a DeadLetter.
Status InsertDeadLetter(Connection& connection, const Record& record, const Advance& partition,
                        std::optional<int32_t> lane_id);

}  // namespace picket
