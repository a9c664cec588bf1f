// The keys below "kafka:", the same for agent and consumer, and their way into KafkaSettings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/kafka_settings.h"
#include "settings/keys.h"
#include "settings/settings.h"

namespace picket {

// kafka.brokers, .topic, .username, .password(_file), .security_protocol, .sasl_mechanism, .ca_file,
// .cert_file, .key_file, .key_password(_file), .proxy(_file), .librdkafka. The consumer adds kafka.group to its own table.
std::vector<Key> KafkaKeys();

// Takes them out of settings whose table holds KafkaKeys(). Reports brokers that are no host:port, a topic
// that Kafka would refuse, a missing user or password for SASL, a certificate without its key, a
// proxy that is none, and librdkafka properties that are refused. `required`: false lets kafka.brokers be empty (--stdout).
KafkaSettings ReadKafkaSettings(const Settings& settings, bool required, Diagnostics* diagnostics);

// Why kafka.librdkafka must not set this property; nullptr when it may. Refused is what has a key of its
// own, what weakens TLS, what exactly-once and the bounds rest on, and what loads code.
const char* RefusedKafkaProperty(std::string_view property);

// The same as a Markdown table, for docs/configuration.md.
std::string RefusedKafkaPropertyReference();

// True for properties whose value must not be printed.
bool IsSecretKafkaProperty(std::string_view property);

}  // namespace picket
