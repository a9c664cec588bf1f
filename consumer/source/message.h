// A Kafka message as the rest of the consumer sees it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "port/clock.h"

namespace picket {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

struct MessageHeader {
  std::string_view name;
  std::optional<std::string_view> value;  // Kafka allows a header without a value
};

// Everything is a view of memory that lives until the next Poll of the source.
struct Message {
  std::string_view topic;
  int32_t partition = 0;
  int64_t offset = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> payload;  // absent: a tombstone
  std::vector<MessageHeader> headers;
  // When the broker took it (topic with LogAppendTime); absent when the topic carries the producer's time.
  std::optional<WallTime> append_time;
};

}  // namespace picket
