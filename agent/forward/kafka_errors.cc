#include "agent/forward/kafka_errors.h"

#include <librdkafka/rdkafka.h>

#include <string>
#include <utility>

#include "kafka/broker_error.h"

namespace picket {
namespace {

constexpr const char* kMeanwhile = "; results are kept and sent later";

}  // namespace

Delivery DeliveryOf(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Delivery::kAcknowledged;

    // About this record, or the batch it happened to be in.
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
      return Delivery::kRejected;

    // About the topic or about us: an operator cures it and nothing is lost. INVALID_TIMESTAMP is here
    // because the time is that of sending: our clock is wrong, or the topic should have LogAppendTime.
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Delivery::kRefused;

    default:
      return Delivery::kFailed;
  }
}

std::string_view KindOf(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "permission";
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return "unknown_topic";
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return "timestamp";
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return "too_large";
    default:
      break;
  }
  switch (DeliveryOf(code)) {
    case Delivery::kRejected:
      return "rejected";
    case Delivery::kRefused:
      return "refused_topic";
    default:
      return "delivery";
  }
}

std::string_view CureOf(std::string_view kind) {
  if (kind == "permission") return "grant Write and Describe on it to the user of kafka.username";
  if (kind == "unknown_topic") return "create it, or correct kafka.topic";
  if (kind == "timestamp") {
    return "check this machine's clock (NTP), or give the topic message.timestamp.type=LogAppendTime";
  }
  if (kind == "too_large") return "raise max.message.bytes of the topic";
  return "see the broker's log";
}

ClusterEvent DescribeError(int code, std::string_view reason, const KafkaSettings& settings) {
  BrokerError error = DescribeBrokerError(code, reason, settings);
  const bool away = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  return {.kind = away ? ClusterEvent::Kind::kAway : ClusterEvent::Kind::kError,
          .error_kind = std::move(error.kind),
          .text = error.text + kMeanwhile};
}

ClusterEvent DescribeFatal(int code, std::string_view reason, const KafkaSettings& settings) {
  ClusterEvent event;
  if (code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
      code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    event.error_kind = "permission";
    event.text = LoginName(settings) + " may not write to any topic: grant Write and Describe on '" + settings.topic +
                 "'" + kMeanwhile;
    return event;
  }
  event.error_kind = "fatal";
  event.text = "the producer failed and is made anew: " + std::string(reason) + kMeanwhile;
  return event;
}

}  // namespace picket
