#include "consumer/route/placement.h"

#include <algorithm>

namespace picket {

Placement Place(WallTime event, ClockState clock, WallTime append,
                std::optional<std::chrono::microseconds> retention) {
  int64_t oldest_us = kOldestPlace.us;
  if (retention) oldest_us = std::max(oldest_us, append.us - retention->count());
  const int64_t newest_us = append.us + std::chrono::microseconds(kClockTolerance).count();
  const bool believed = clock != ClockState::kUnsynced && event.us >= oldest_us && event.us <= newest_us;
  if (believed) return {event, std::nullopt};
  return {append, event};
}

}  // namespace picket
