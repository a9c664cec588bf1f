// How KafkaSettings become librdkafka's properties. Plain data: no librdkafka here.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/forward/producer.h"
#include "port/error.h"

namespace picket {

using Properties = std::vector<std::pair<std::string, std::string>>;

// The properties in the order to be set. kConfig when settings.librdkafka holds one that picket's promises
// rest on (acks, idempotence, time-outs of messages, queue bounds, certificate verification, what has a key
// of its own).
Expected<Properties> ProducerProperties(const ProducerOptions& options);

// True for properties whose value must not reach a log: passwords, keys, certificates given inline.
bool IsSecretProperty(std::string_view name);

}  // namespace picket
