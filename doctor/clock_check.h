// Whether this machine's time can be believed. Pure.
#pragma once

#include <optional>
#include <string>

#include "doctor/report.h"
#include "port/clock.h"

namespace picket {

// Another clock, and how it was read.
struct OtherClock {
  std::string name;       // "the database"
  WallTime then;          // what it said
  WallTime here;          // what ours said at the same time
  bool at_least = false;  // `then` is a time that had passed there: only our being behind can be told
};

inline constexpr int64_t kMaxSkewUs = 5'000'000;

// Adds "clock": a cross before `build` (results would be stamped unsynced, certificates look not yet valid).
void CheckClock(WallTime now, WallTime build, Report* report);

// Adds a check of the difference to another clock: a warning above kMaxSkewUs.
void CheckSkew(const OtherClock& other, Report* report);

}  // namespace picket
