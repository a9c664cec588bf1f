// The daily partitions of table `result`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "consumer/store/connection.h"
#include "port/clock.h"
#include "port/error.h"

namespace picket {

// Days since 1970-01-01, UTC.
using Day = int64_t;
Day DayOf(WallTime time);
// "result_20261121".
std::string PartitionName(Day day);
// The reverse; empty for any other name.
std::optional<Day> DayOfPartition(std::string_view name);

class DayPartitions {
 public:
  // Makes what is missing, each in a transaction of its own: CREATE TABLE LIKE, then ATTACH, which waits for
  // no reader (CREATE ... PARTITION OF would, and block all writers behind it). Any number of consumers may
  // do this at once. Remembers what it has seen, so that a batch for known days asks nothing.
  Status Ensure(Connection& connection, const std::set<Day>& days);

  // After an error: the memory may be wrong.
  void Forget() { known_.clear(); }

 private:
  std::set<Day> known_;
};

// Detaches and drops the partitions that ended before `oldest`. One consumer does it at a time; others return
// at once. Top-level statements, since DETACH CONCURRENTLY runs in no transaction. Returns the names of the
// dropped tables.
Expected<std::vector<std::string>> DropDaysBefore(Connection& connection, Day oldest);

}  // namespace picket
