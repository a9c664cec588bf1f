// Where in time a record is stored.
#pragma once

#include <chrono>
#include <optional>

#include "port/clock.h"
#include "record/envelope.h"

namespace picket {

// How far an agent's clock may be ahead of the broker's before its time is not believed: two machines with
// NTP differ by milliseconds, one without it by minutes.
inline constexpr std::chrono::seconds kClockTolerance{10};

// No row is older than this, whatever the retention: it bounds the number of daily partitions that records
// with odd clocks can make.
inline constexpr WallTime kOldestPlace{1'577'836'800'000'000};  // 2020-01-01T00:00:00Z

struct Placement {
  WallTime ts;
  std::optional<WallTime> claimed;  // set when ts is the append time: what the record said instead
};

// A record's place is its event time when its clock was set (`clock` is not unsynced), it is not ahead of
// `append` by more than kClockTolerance, and its day is still kept (not before `append` - `retention`, nor
// before kOldestPlace). Else it is `append`, and the claim is kept beside it. `retention` empty: for ever.
Placement Place(WallTime event, ClockState clock, WallTime append,
                std::optional<std::chrono::microseconds> retention);

}  // namespace picket
