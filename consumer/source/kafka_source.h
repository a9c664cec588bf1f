// The source on a real Kafka, through librdkafka's consumer.
#pragma once

#include <memory>
#include <string>

#include "consumer/source/source.h"
#include "port/clock.h"
#include "port/complaints.h"
#include "port/error.h"
#include "port/log.h"
#include "settings/kafka_settings.h"

namespace picket {

struct KafkaSourceOptions {
  KafkaSettings kafka;  // reads kafka.topic and kafka.StatusTopic()
  std::string group;
};

// Joins the group; brokers that are away are tried again for ever, with complaints. `clock`, `logger` and `complaints`
// must outlive the source. kConfig: a property that librdkafka refuses.
Expected<std::unique_ptr<Source>> OpenKafkaSource(KafkaSourceOptions options, const Clock& clock, Logger& logger,
                                                  Complaints& complaints);

// "librdkafka 2.14.2".
std::string KafkaClientVersion();

}  // namespace picket
