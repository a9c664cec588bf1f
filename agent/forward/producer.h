// Sends messages to Kafka. Wraps librdkafka's producer; rd_kafka_t appears in producer.cc only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "port/error.h"
#include "port/log.h"
#include "settings/kafka_settings.h"

namespace picket {

// What became of one message.
enum class Delivery : uint8_t {
  kAcknowledged,  // the broker has it, acks=all
  kRejected,      // no broker will ever take this one record: too large, invalid
  kRefused,       // the topic or the permission is missing: keep everything, back off
  kFailed,        // anything else: the record is still ours, send again
};

struct DeliveryReport {
  uint64_t tag = 0;
  Delivery delivery = Delivery::kFailed;
  std::string error;  // empty when acknowledged; else librdkafka's text
};

// What the producer says of the cluster as a whole.
struct ClusterEvent {
  enum class Kind : uint8_t { kConnected, kAway, kError };
  Kind kind = Kind::kError;
  std::string error_kind;  // metric label: unknown_ca, expired, hostname, tls, auth, mechanism, refused, dns, transport, fatal
  std::string text;        // one line for people: cause, the setting to change
};

struct Message {
  const std::string* topic = nullptr;
  std::string_view key;
  std::string_view value;
  // agent (the key), epoch, seq go along as headers, decimal ASCII.
  uint64_t epoch = 0;
  uint64_t seq = 0;
  uint64_t tag = 0;  // comes back in the report
};

class Producer {
 public:
  struct Callbacks {
    std::function<void(const DeliveryReport&)> on_delivery;  // once a message that Send accepted
    std::function<void(const ClusterEvent&)> on_event;
  };

  // kConfig when librdkafka refuses a property (the text names it). `queue_records` bounds what Send
  // accepts before reports come back.
  static Expected<std::unique_ptr<Producer>> Create(const KafkaSettings& settings, uint32_t queue_records,
                                                    Logger& logger, Callbacks callbacks);
  // Gives up what is in flight without waiting for the broker (the caller still has the records).
  virtual ~Producer() = default;

  // Queues a copy of the message; its report comes from a later Poll. kResourceExhausted: the queue is
  // full, try after a report. kInvalidArgument: larger than message.max.bytes.
  virtual Status Send(const Message& message) = 0;

  // Readable when Poll has something to do.
  virtual int EventFd() const = 0;
  // Runs the callbacks that are due on the caller's thread; never blocks.
  virtual void Poll() = 0;
  // True after a fatal error: destroy this producer (off the keeper's thread) and make a new one.
  virtual bool Fatal() const = 0;
};

}  // namespace picket
