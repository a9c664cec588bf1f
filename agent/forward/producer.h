// Sends messages to Kafka. Wraps librdkafka's producer; rd_kafka_t appears in producer.cc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "port/clock.h"
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
  uint32_t tag = 0;  // of the message
  Delivery delivery = Delivery::kFailed;
  std::string error;  // empty when acknowledged; else librdkafka's text
  std::string_view kind = "delivery";  // see KindOf in kafka_errors.h; a literal
};

// What the producer says of the cluster as a whole.
struct ClusterEvent {
  enum class Kind : uint8_t {
    kConnected,  // logged in and told of the cluster; once a producer
    kAway,       // no broker can be reached now
    kError,      // one broker or login failed, or the producer did; librdkafka goes on trying
  };
  Kind kind = Kind::kError;
  // Metric label. TLS: unknown_ca, not_yet_valid, expired, wrong_host and the other causes of port/kafka_tls,
  // or tls; login: auth, mechanism, permission; network: refused, dns, proxy, timeout, transport, away; else fatal,
  // other.
  std::string error_kind;
  std::string text;  // one line for people: cause, and the setting to change
};

struct Message {
  const std::string* topic = nullptr;
  std::string_view key;  // the agent's id: all its records keep to one partition
  std::string_view value;
  // The key, epoch and seq go along as the headers agent, epoch and seq, numbers in ASCII decimal, so that a
  // damaged payload can still be named.
  uint64_t epoch = 0;
  uint64_t seq = 0;
  uint32_t tag = 0;  // comes back in the report; 32 bits are what fits librdkafka's pointer everywhere
};

struct ProducerOptions {
  KafkaSettings kafka;
  std::string client_id;          // shown in the broker's log and quotas: "picket-gw-berlin-01"
  uint32_t queue_records = 1000;  // accepted by Send and not yet reported, at most
  size_t queue_bytes = 1 << 20;   // the same in bytes of key and value; at least 1 KiB
};

class Producer {
 public:
  struct Callbacks {
    std::function<void(const DeliveryReport&)> on_delivery;  // once a message that Send accepted
    std::function<void(const ClusterEvent&)> on_event;       // every one: the receiver counts and throttles
  };

  // Starts librdkafka's threads; connects in the background, also when no broker is there. kConfig when a
  // property is refused (the text names it), kResourceExhausted when no thread can be started. `clock` and
  // `logger` must outlive the producer.
  static Expected<std::unique_ptr<Producer>> Create(const ProducerOptions& options, const Clock& clock,
                                                    Logger& logger, Callbacks callbacks);
  // Gives up what is in flight without waiting for the broker (the caller still has the records). Runs no
  // callback, but may take seconds when a name server is silent: librdkafka looks names up with
  // getaddrinfo(3).
  virtual ~Producer() = default;

  // Queues a copy of the message; its report comes from a later Poll. No report follows an error:
  // kResourceExhausted: the queue is full, try after a report. kInvalidArgument: larger than any broker's
  // limit. kPermission, kNotFound: the topic is forbidden or missing, as the cluster said last (see
  // RefreshTopic). kUnavailable: else.
  virtual Status Send(const Message& message) = 0;

  // Asks the cluster about a topic again, so that a Send some time later is judged anew: librdkafka would do
  // so every five minutes only. Does not wait for the answer.
  virtual void RefreshTopic(const std::string& topic) = 0;

  // How many requests to store records a broker has answered, with good news or bad. librdkafka tries some again
  // without a word (min.insync.replicas not met, a leader that moved): this tells a broker that refuses from one
  // that is silent.
  virtual uint64_t ProduceAnswers() const { return 0; }

  // Readable when Poll has something to do.
  virtual int EventFd() const = 0;
  // Runs the callbacks that are due on the caller's thread; never blocks.
  virtual void Poll() = 0;
  // True after a fatal error: destroy this producer (off the keeper's thread) and make a new one.
  virtual bool Fatal() const = 0;
};

// "librdkafka 2.14.2": the library in use.
std::string KafkaLibraryVersion();

}  // namespace picket
