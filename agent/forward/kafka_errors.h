// What librdkafka's error codes and texts mean for records and for people. Codes are rd_kafka_resp_err_t as
// int, so that librdkafka's header stays out of here.
#pragma once

#include <string_view>

#include "agent/forward/producer.h"
#include "settings/kafka_settings.h"

namespace picket {

// What a delivery report with this code means for its record. Codes not known are kFailed: kept and sent
// again.
Delivery DeliveryOf(int code);

// What a delivery report with this code, not 0, is counted by: permission, unknown_topic, timestamp, too_large,
// rejected, refused_topic or delivery.
std::string_view KindOf(int code);
// What an operator can do about a delivery of that kind, to go behind a colon.
std::string_view CureOf(std::string_view kind);

// What the error callback said, as an event with one line for people. `reason` is librdkafka's text:
// "sasl_ssl://host:9094/bootstrap: what happened (after 12ms in state CONNECT)".
ClusterEvent DescribeError(int code, std::string_view reason, const KafkaSettings& settings);

// The same for a fatal error, whose text has no broker in front.
ClusterEvent DescribeFatal(int code, std::string_view reason, const KafkaSettings& settings);

}  // namespace picket
