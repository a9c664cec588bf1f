// What librdkafka says of a broker, in one line for people. Codes are rd_kafka_resp_err_t as int, so that
// librdkafka's header stays out of here.
#pragma once

#include <string>
#include <string_view>

#include "settings/kafka_settings.h"

namespace picket {

struct BrokerError {
  // What is counted by. TLS: unknown_ca, not_yet_valid, expired, wrong_host and the other causes of port/kafka_tls,
  // or tls; login: auth, mechanism; network: refused, dns, timeout, transport; all brokers: away; else other.
  std::string kind;
  std::string broker;  // "host:9094"; empty when the error is not about one
  std::string text;    // the cause and the setting to change; what happens meanwhile is the program's to say
};

// `reason` is the text of librdkafka's error callback: "sasl_ssl://host:9094/bootstrap: what happened (after 12ms in
// state CONNECT)". Never repeats a secret. A form that is not known keeps its text.
BrokerError DescribeBrokerError(int code, std::string_view reason, const KafkaSettings& settings);

// "user 'gw' (SCRAM-SHA-256)", or "this client" when there is no login by name.
std::string LoginName(const KafkaSettings& settings);

}  // namespace picket
