// The database as the ingest sees it: an interface, so that its loop is tested without one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "consumer/route/records.h"
#include "consumer/source/source.h"
#include "port/error.h"

namespace picket {

// Moves the stored position of a partition from `expected` to `next`.
struct Advance {
  TopicPartition partition;
  std::string topic_id;
  int64_t expected = 0;
  int64_t next = 0;
};

struct Batch {
  std::vector<Advance> advances;  // Record::slot counts in here; all different partitions
  std::vector<Record> records;    // in the order of their offsets within a partition
};

struct StoredCounts {
  uint64_t results = 0;
  uint64_t facts = 0;
  uint64_t dead_letters = 0;
  uint64_t redelivered = 0;  // dropped, because they were stored before
  StoredCounts& operator+=(const StoredCounts& other);
};

class Store {
 public:
  virtual ~Store() = default;

  // One attempt, at most 5 s. Errors as Connection::Open. An open connection is given up first.
  virtual Status Connect() = 0;

  // Makes this consumer the owner of the partitions and returns where to go on reading each, in the order
  // given; a partition that was never read starts at its first offset. Waits for another owner's transaction.
  // kCorrupt: the position means nothing any more (another cluster, a topic made anew, messages deleted
  // before they were read): nothing was changed, the text says what to do.
  virtual Expected<std::vector<int64_t>> TakePositions(const std::vector<PartitionOrigin>& partitions) = 0;

  // One transaction: the positions move and the records are stored, or neither. Records stored before are
  // dropped. kAlreadyExists: a position was not where the batch expects it, or another consumer owns it:
  // take the positions again. kCorrupt: PostgreSQL refuses a value. Other errors as Connection.
  virtual Expected<StoredCounts> Write(const Batch& batch) = 0;

  // Drops days that ended before the retention, makes partitions for the days to come.
  virtual Status Maintain() = 0;
};

}  // namespace picket
