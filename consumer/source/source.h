// Where messages come from: an interface, so that the ingest is tested without Kafka.
#pragma once

#include <chrono>
#include <cstdint>
#include <variant>
#include <vector>

#include "consumer/source/message.h"
#include "port/error.h"

namespace picket {

// A partition as Kafka describes it now.
struct PartitionOrigin {
  TopicPartition partition;
  std::string cluster_id;
  std::string topic_id;      // empty: the broker would not say
  int64_t first_offset = 0;  // of the oldest message kept
  int64_t end_offset = 0;    // of the next message to come
};

struct PartitionOffset {
  TopicPartition partition;
  int64_t offset = 0;  // of the next message to read
  bool operator==(const PartitionOffset&) const = default;
};

class Source {
 public:
  struct Nothing {};
  // These partitions are ours now. No message comes before Assign.
  struct Assigned {
    std::vector<TopicPartition> partitions;
  };
  // All partitions are taken away. `lost`: others may have them already. Unassign must follow.
  struct Revoked {
    bool lost = false;
  };
  // After an Error kUnavailable a new Describe and Assign may help; any other is the end.
  using Event = std::variant<Nothing, Message, Assigned, Revoked, Error>;

  virtual ~Source() = default;

  // Waits at most `timeout`. Must be called again within five minutes, or the group goes on without us.
  virtual Event Poll(std::chrono::milliseconds timeout) = 0;

  // Asks the brokers; takes some seconds at most. kUnavailable: ask again later.
  virtual Expected<std::vector<PartitionOrigin>> Describe(const std::vector<TopicPartition>& partitions) = 0;

  // Reads from these offsets on, and nothing else; also to go back after an error.
  virtual Status Assign(const std::vector<PartitionOffset>& offsets) = 0;
  virtual Status Unassign() = 0;
  // No messages until the next Assign; the membership of the group is kept.
  virtual Status Pause() = 0;

  // Tells Kafka, for people and tools that look there; nobody waits for it.
  virtual void CommitOffsets(const std::vector<PartitionOffset>& offsets) = 0;

  // Leaves the group, in two seconds at most.
  virtual void Close() = 0;
};

}  // namespace picket
