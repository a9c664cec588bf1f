// librdkafka's configuration, as data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "settings/kafka_settings.h"

namespace picket {

// All but the CAs (certificates.h), in the order in which they are to be set: the user's own come last and win, but for those that the
// exactly-once guarantee rests on (kafka.librdkafka refuses them when the configuration is read, too).
std::vector<std::pair<std::string, std::string>> ConsumerProperties(const KafkaSettings& kafka,
                                                                    const std::string& group);

}  // namespace picket
