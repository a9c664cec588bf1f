// The loop between Kafka and PostgreSQL: gathers messages into batches, stores each in one transaction, and
// gets back to a known state after anything that goes wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "consumer/route/decoder.h"
#include "consumer/source/source.h"
#include "consumer/store/store.h"
#include "port/clock.h"
#include "port/complaints.h"
#include "port/error.h"
#include "port/log.h"

namespace picket {

// A batch is stored when it reaches one of these.
struct BatchLimits {
  size_t records = 5000;
  std::chrono::milliseconds wait{500};  // from its first message
  size_t max_bytes = 16 << 20;
};

class Ingest {
 public:
  // All must outlive the ingest. `stop` is asked at least ten times a second while nothing is being stored.
  Ingest(BatchLimits limits, Source& source, Store& store, Decoder& decoder, const Clock& clock,
         Logger& logger, Complaints& complaints, std::function<bool()> stop);

  // Until `stop` says so: then stores what it has gathered, leaves the group, and succeeds. Brokers and
  // databases that are away are waited for. kCorrupt: Kafka no longer has what comes next, or is not the
  // cluster or topic that it was; kPermission, kUnsupported: the database must be set right first.
  Status Run();

  const StoredCounts& Total() const { return total_; }

 private:
  // A partition of ours, once its position is known.
  struct Slot {
    PartitionOrigin origin;
    int64_t next = 0;  // as stored: the first offset that is not
  };
  // A message that PostgreSQL refused although the decoder took it.
  struct Refused {
    int64_t offset = 0;
    std::string reason;
  };

  Status Handle(Source::Event event);
  void Gather(const Message& message);
  bool BatchIsDue() const;

  // Who is at fault; a session with the database is not used again after it was.
  enum class Fault : uint8_t { kKafka, kDatabase };

  // Connects, and takes positions, as far as needed; at most one attempt, not before next_attempt_.
  Status Recover();
  Status TakePositions(const std::vector<PartitionOrigin>& origins);
  // An error that waiting cures: forgets the batch, goes back to the stored positions after a while, and
  // succeeds. Any other is returned.
  Status FallBack(const Error& error, Fault fault);

  Status Flush();
  Status StoreRecords(std::vector<Record> records);
  void Stored(const Batch& batch, const StoredCounts& counts);
  Status MaintainIfDue();
  void ReportIfDue();

  const BatchLimits limits_;
  Source& source_;
  Store& store_;
  Decoder& decoder_;
  const Clock& clock_;
  Logger& logger_;
  Complaints& complaints_;
  const std::function<bool()> stop_;

  bool connected_ = false;
  bool has_assignment_ = false;  // the group gave us partitions (maybe none)
  bool positioned_ = false;      // slots_ is valid and messages are wanted
  std::vector<TopicPartition> assignment_;
  std::vector<Slot> slots_;
  std::map<TopicPartition, Refused> refused_;

  std::vector<Record> records_;  // the batch
  size_t batch_bytes_ = 0;
  BootTime batch_began_;

  std::chrono::milliseconds backoff_{0};
  BootTime next_attempt_;
  BootTime next_maintenance_;
  BootTime next_report_;
  StoredCounts total_;
  StoredCounts reported_;
};

}  // namespace picket
