// What librdkafka on OpenSSL says of a broker, in words.
#pragma once

#include <string_view>

#include "doctor/kafka_session.h"
#include "settings/kafka_settings.h"

namespace picket {

// `code` is an rd_kafka_resp_err_t, `reason` the text of its error callback, `x509_error` OpenSSL's verdict
// on the certificate or 0.
KafkaFault DescribeKafkaFault(int code, std::string_view reason, int x509_error, const KafkaSettings& kafka);

}  // namespace picket
